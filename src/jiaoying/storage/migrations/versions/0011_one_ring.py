"""One ring: attempts that name several call-outs, and when a person's numbers may be called again."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

Moment = postgresql.TIMESTAMP(timezone=True)


def upgrade() -> None:
    op.add_column("call_outs", sa.Column("calls_again_at", Moment, nullable=True))
    op.create_table(
        "attempt_call_outs",
        sa.Column("attempt_id", sa.UUID(), nullable=False),
        sa.Column("call_out_id", sa.UUID(), nullable=False),
        sa.Column("warning_id", sa.UUID(), nullable=False),
        sa.Column("round", sa.SmallInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["attempt_id"], ["attempts.id"], name=op.f("attempt_call_outs_attempt_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["call_out_id"], ["call_outs.id"], name=op.f("attempt_call_outs_call_out_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["warning_id"], ["issued_warnings.id"], name=op.f("attempt_call_outs_warning_id_fkey")
        ),
        sa.PrimaryKeyConstraint("attempt_id", "call_out_id", name=op.f("attempt_call_outs_pkey")),
    )
    op.create_index(
        op.f("attempt_call_outs_call_out_id_idx"), "attempt_call_outs", ["call_out_id"], unique=False
    )


def downgrade() -> None:
    op.drop_table("attempt_call_outs")
    op.drop_column("call_outs", "calls_again_at")
