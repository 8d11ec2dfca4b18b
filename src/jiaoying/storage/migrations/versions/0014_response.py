"""Response."""

from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

Moment = postgresql.TIMESTAMP(timezone=True)


def upgrade() -> None:
    """Add what the tables need."""


def downgrade() -> None:
    """Take it away again."""
