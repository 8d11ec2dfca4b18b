"""Why a row of warnings calls people."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add what the tables need."""
    op.add_column(
        "issued_warnings", sa.Column("purpose", sa.Text(), server_default="warning", nullable=False)
    )
    op.execute("UPDATE issued_warnings SET purpose = 'request' WHERE request_for_id IS NOT NULL")
    op.execute("UPDATE issued_warnings SET purpose = 'response' WHERE source = 'response'")
    # Duty calls that a release before this one has held in the meantime.
    op.execute(
        "UPDATE issued_warnings SET purpose = source WHERE identifier = source || '-' || id AND source IN"
        " ('sign_on', 'roll_call', 'daily', 'report', 'routine', 'letter')"
    )
    op.create_check_constraint(
        op.f("issued_warnings_purpose_check"),
        "issued_warnings",
        "purpose IN ('warning', 'request', 'response', 'sign_on', 'roll_call', 'daily', 'report', 'routine',"
        " 'letter')",
    )


def downgrade() -> None:
    """Take it away again."""
    op.drop_constraint(op.f("issued_warnings_purpose_check"), "issued_warnings")
    op.drop_column("issued_warnings", "purpose")
