"""What counts."""

from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

Moment = postgresql.TIMESTAMP(timezone=True)


def upgrade() -> None:
    """Add what the tables need."""


def downgrade() -> None:
    """Take it away again."""
