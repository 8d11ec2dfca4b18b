"""The duty log."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

Moment = postgresql.TIMESTAMP(timezone=True)
_TEXTS = ("unit", "caller", "phone", "content", "handling", "instruction", "feedback")


def upgrade() -> None:
    """Add what the tables need."""
    op.create_table(
        "log_entries",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("first_id", sa.UUID(), nullable=False),
        sa.Column("version", sa.SmallInteger(), nullable=False),
        sa.Column("desk_id", sa.UUID(), nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        *(sa.Column(name, sa.Text(), server_default="", nullable=False) for name in _TEXTS),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("written_at", Moment, nullable=False),
        sa.Column("written_by", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('call_in', 'call_out', 'letter', 'instruction', 'patrol', 'weather', 'other')",
            name=op.f("log_entries_kind_check"),
        ),
        sa.CheckConstraint("(version = 1) = (first_id = id)", name=op.f("log_entries_first_is_itself_check")),
        sa.CheckConstraint(
            "(version = 1) = (reason = '')", name=op.f("log_entries_correction_has_reason_check")
        ),
        sa.ForeignKeyConstraint(["desk_id"], ["desks.id"], name=op.f("log_entries_desk_id_fkey")),
        sa.ForeignKeyConstraint(["first_id"], ["log_entries.id"], name=op.f("log_entries_first_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("log_entries_pkey")),
        sa.UniqueConstraint("first_id", "version", name=op.f("log_entries_first_id_version_key")),
    )
    op.create_index("log_entries_desk_idx", "log_entries", ["desk_id", "at"], unique=False)


def downgrade() -> None:
    """Take it away again."""
    op.drop_table("log_entries")
