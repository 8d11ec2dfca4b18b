"""Wordings."""

from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

Moment = postgresql.TIMESTAMP(timezone=True)


def upgrade() -> None:
    """Add what the tables need."""


def downgrade() -> None:
    """Take it away again."""
