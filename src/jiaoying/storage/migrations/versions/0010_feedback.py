"""Feedback: whose figures a report is, corrections by the officer, and the clocks after an answer."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

Moment = postgresql.TIMESTAMP(timezone=True)

_BEFORE = "purpose IN ('call', 'lowered', 'stand_down', 'reply', 'check')"
_NOW = "purpose IN ('call', 'lowered', 'stand_down', 'reply', 'ask', 'check')"


def upgrade() -> None:
    """Add what the tables need."""
    op.add_column("feedback", sa.Column("area_code", sa.Text(), nullable=True))
    op.add_column("feedback", sa.Column("by_user", sa.Text(), nullable=True))
    op.execute(
        """
        UPDATE feedback SET area_code = booked.code
        FROM (
            SELECT call_out_id, CASE
                WHEN first = last THEN first
                WHEN left(first, 9) = left(last, 9) THEN rpad(left(first, 9), 12, '0')
                WHEN left(first, 6) = left(last, 6) THEN rpad(left(first, 6), 12, '0')
                ELSE rpad(left(first, 4), 12, '0') END AS code
            FROM (
                SELECT call_out_id, min(area_code) AS first, max(area_code) AS last
                FROM call_out_roles JOIN responsibilities ON responsibilities.id = responsibility_id
                GROUP BY call_out_id
            ) AS held
        ) AS booked
        WHERE booked.call_out_id = feedback.call_out_id
        """
    )
    op.create_table(
        "feedback_clocks",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("call_out_id", sa.UUID(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("due_at", Moment, nullable=False),
        sa.Column("next_at", Moment, nullable=True),
        sa.Column("asked_at", Moment, nullable=True),
        sa.Column("missed_at", Moment, nullable=True),
        sa.Column("ended_at", Moment, nullable=True),
        sa.CheckConstraint(
            "state IN ('running', 'asked', 'missed', 'reported', 'over')",
            name=op.f("feedback_clocks_state_check"),
        ),
        sa.CheckConstraint(
            "(state IN ('running', 'asked')) = (next_at IS NOT NULL)",
            name=op.f("feedback_clocks_running_has_next_moment_check"),
        ),
        sa.ForeignKeyConstraint(
            ["call_out_id"], ["call_outs.id"], name=op.f("feedback_clocks_call_out_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("feedback_clocks_pkey")),
        sa.UniqueConstraint("call_out_id", "stage", name=op.f("feedback_clocks_call_out_id_stage_key")),
    )
    op.create_index(
        "feedback_clocks_due_idx",
        "feedback_clocks",
        ["next_at"],
        unique=False,
        postgresql_where=sa.text("next_at IS NOT NULL"),
    )
    _purposes(_NOW)


def downgrade() -> None:
    """Take it away again."""
    op.execute("UPDATE attempts SET purpose = 'reply' WHERE purpose = 'ask'")
    _purposes(_BEFORE)
    op.drop_table("feedback_clocks")
    op.drop_column("feedback", "by_user")
    op.drop_column("feedback", "area_code")


def _purposes(allowed: str) -> None:
    op.drop_constraint("attempts_purpose_check", "attempts")
    op.create_check_constraint(op.f("attempts_purpose_check"), "attempts", allowed)
