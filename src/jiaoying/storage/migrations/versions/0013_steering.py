"""Steering and drills."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

Moment = postgresql.TIMESTAMP(timezone=True)
_OF_WARNINGS = (
    ("paused_at", Moment),
    ("paused_by", sa.Text()),
    ("pause_reason", sa.Text()),
    ("pause_next_at", Moment),
    ("real_phones_by", sa.Text()),
    ("real_phones_second", sa.Text()),
    ("real_phones_at", Moment),
)
_CHECKS_OF_WARNINGS = {
    "paused_has_next_moment": "(paused_at IS NULL) = (pause_next_at IS NULL)",
    "paused_is_calling": "paused_at IS NULL OR state IN ('received', 'matched')",
    "real_phones_agreed": "(real_phones_second IS NULL) = (real_phones_at IS NULL)",
    "real_phones_two_persons": "real_phones_second IS NULL"
    " OR (exercise AND real_phones_second <> real_phones_by)",
}
_PURPOSES_BEFORE = "'call', 'lowered', 'stand_down', 'reply', 'ask', 'check'"
_PURPOSES = "'call', 'lowered', 'stand_down', 'correction', 'reply', 'ask', 'check'"


def upgrade() -> None:
    """Add what the tables need."""
    for name, kind in _OF_WARNINGS:
        op.add_column("issued_warnings", sa.Column(name, kind, nullable=True))
    for name, check in _CHECKS_OF_WARNINGS.items():
        op.create_check_constraint(op.f(f"issued_warnings_{name}_check"), "issued_warnings", check)
    op.create_index(
        "issued_warnings_paused_idx",
        "issued_warnings",
        ["id"],
        unique=False,
        postgresql_where=sa.text("paused_at IS NOT NULL"),
    )
    op.add_column("responsibilities", sa.Column("leave_rung", sa.SmallInteger(), nullable=True))
    op.add_column("call_outs", sa.Column("called_again_at", Moment, nullable=True))
    op.add_column("call_outs", sa.Column("called_again_by", sa.Text(), nullable=True))
    op.add_column(
        "attempts",
        sa.Column("real_phones", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )
    op.create_check_constraint(
        op.f("attempts_drill_is_simulated_check"),
        "attempts",
        "gateway = 'simulator' OR NOT exercise OR real_phones",
    )
    _allow_purposes(_PURPOSES)
    _corrections()


def _corrections() -> None:
    op.create_table(
        "corrections",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("warning_id", sa.UUID(), nullable=False),
        sa.Column("fact", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("by_call", sa.Boolean(), nullable=False),
        sa.Column("created_at", Moment, nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("planned_at", Moment, nullable=True),
        sa.CheckConstraint(
            "fact IN ('place', 'time', 'colour', 'action', 'other')", name=op.f("corrections_fact_check")
        ),
        sa.ForeignKeyConstraint(
            ["warning_id"], ["issued_warnings.id"], name=op.f("corrections_warning_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("corrections_pkey")),
    )
    op.create_index(op.f("corrections_warning_id_idx"), "corrections", ["warning_id"], unique=False)
    op.create_index(
        "corrections_due_idx",
        "corrections",
        ["id"],
        unique=False,
        postgresql_where=sa.text("planned_at IS NULL"),
    )


def _allow_purposes(words: str) -> None:
    op.drop_constraint(op.f("attempts_purpose_check"), "attempts")
    op.create_check_constraint(op.f("attempts_purpose_check"), "attempts", f"purpose IN ({words})")


def downgrade() -> None:
    """Take it away again."""
    op.drop_table("corrections")
    op.execute("DELETE FROM attempts WHERE purpose = 'correction'")
    _allow_purposes(_PURPOSES_BEFORE)
    op.drop_constraint(op.f("attempts_drill_is_simulated_check"), "attempts")
    op.drop_column("attempts", "real_phones")
    op.drop_column("call_outs", "called_again_by")
    op.drop_column("call_outs", "called_again_at")
    op.drop_column("responsibilities", "leave_rung")
    op.drop_index("issued_warnings_paused_idx", "issued_warnings")
    for name in _CHECKS_OF_WARNINGS:
        op.drop_constraint(op.f(f"issued_warnings_{name}_check"), "issued_warnings")
    for name, _ in reversed(_OF_WARNINGS):
        op.drop_column("issued_warnings", name)
