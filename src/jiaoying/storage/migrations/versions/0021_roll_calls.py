"""Roll calls of duty desks, and the daily reports of townships."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

Moment = postgresql.TIMESTAMP(timezone=True)


def upgrade() -> None:
    """Add what the tables need."""
    op.create_table(
        "roll_call_plans",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("days", postgresql.ARRAY(sa.SmallInteger()), nullable=False),
        sa.Column("begins", sa.Text(), nullable=False),
        sa.Column("ends", sa.Text(), nullable=True),
        sa.Column("terms", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("made_at", Moment, nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("next_at", Moment, nullable=True),
        sa.Column("ended_at", Moment, nullable=True),
        sa.CheckConstraint(
            "(ended_at IS NULL) = (next_at IS NOT NULL)",
            name=op.f("roll_call_plans_going_on_has_next_moment_check"),
        ),
        sa.CheckConstraint("cardinality(days) BETWEEN 1 AND 7", name=op.f("roll_call_plans_some_day_check")),
        sa.PrimaryKeyConstraint("id", name=op.f("roll_call_plans_pkey")),
    )
    op.create_table(
        "roll_calls",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("plan_id", sa.UUID(), nullable=True),
        sa.Column("planned_at", Moment, nullable=False),
        sa.Column("terms", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("seed", sa.Text(), nullable=True),
        sa.Column("pool", postgresql.JSONB(astext_type=sa.Text()), server_default="[]", nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("next_at", Moment, nullable=True),
        sa.Column("postponed_at", Moment, nullable=True),
        sa.Column("started_at", Moment, nullable=True),
        sa.Column("ends_at", Moment, nullable=True),
        sa.Column("ended_at", Moment, nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("call_id", sa.UUID(), nullable=True),
        sa.CheckConstraint(
            "(state IN ('ended', 'called_off')) = (ended_at IS NOT NULL)",
            name=op.f("roll_calls_over_has_moment_check"),
        ),
        sa.CheckConstraint(
            "(state IN ('waiting', 'running')) = (next_at IS NOT NULL)",
            name=op.f("roll_calls_open_has_next_moment_check"),
        ),
        sa.CheckConstraint(
            "state <> 'running' OR (started_at IS NOT NULL AND ends_at IS NOT NULL)",
            name=op.f("roll_calls_begun_check"),
        ),
        sa.CheckConstraint(
            "state IN ('waiting', 'running', 'ended', 'called_off')", name=op.f("roll_calls_state_check")
        ),
        sa.ForeignKeyConstraint(["call_id"], ["issued_warnings.id"], name=op.f("roll_calls_call_id_fkey")),
        sa.ForeignKeyConstraint(["plan_id"], ["roll_call_plans.id"], name=op.f("roll_calls_plan_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("roll_calls_pkey")),
        sa.UniqueConstraint("plan_id", "planned_at", name=op.f("roll_calls_plan_id_planned_at_key")),
    )
    op.create_index(
        "roll_calls_open_idx",
        "roll_calls",
        ["next_at"],
        unique=False,
        postgresql_where=sa.text("next_at IS NOT NULL"),
    )
    op.create_index("roll_calls_planned_idx", "roll_calls", ["planned_at"], unique=False)
    op.create_table(
        "roll_call_desks",
        sa.Column("roll_call_id", sa.UUID(), nullable=False),
        sa.Column("desk_id", sa.UUID(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("asked_ids", postgresql.ARRAY(sa.UUID()), server_default="{}", nullable=False),
        sa.Column("answered_by", sa.UUID(), nullable=True),
        sa.Column("answered_how", sa.Text(), nullable=True),
        sa.Column("rung_at", Moment, nullable=True),
        sa.Column("answered_at", Moment, nullable=True),
        sa.CheckConstraint(
            "outcome IN ('present', 'silent', 'declined', 'nobody', 'broken_off')",
            name=op.f("roll_call_desks_outcome_check"),
        ),
        sa.ForeignKeyConstraint(
            ["answered_by"], ["contacts.id"], name=op.f("roll_call_desks_answered_by_fkey")
        ),
        sa.ForeignKeyConstraint(["desk_id"], ["desks.id"], name=op.f("roll_call_desks_desk_id_fkey")),
        sa.ForeignKeyConstraint(
            ["roll_call_id"], ["roll_calls.id"], name=op.f("roll_call_desks_roll_call_id_fkey")
        ),
        sa.PrimaryKeyConstraint("roll_call_id", "desk_id", name=op.f("roll_call_desks_pkey")),
    )
    op.create_index(op.f("roll_call_desks_desk_id_idx"), "roll_call_desks", ["desk_id"], unique=False)
    op.create_table(
        "roll_call_marks",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("roll_call_id", sa.UUID(), nullable=False),
        sa.Column("desk_id", sa.UUID(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("made_at", Moment, nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "outcome IN ('present', 'silent', 'declined', 'nobody', 'absent')",
            name=op.f("roll_call_marks_outcome_check"),
        ),
        sa.ForeignKeyConstraint(["desk_id"], ["desks.id"], name=op.f("roll_call_marks_desk_id_fkey")),
        sa.ForeignKeyConstraint(
            ["roll_call_id"], ["roll_calls.id"], name=op.f("roll_call_marks_roll_call_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("roll_call_marks_pkey")),
    )
    op.create_index(
        op.f("roll_call_marks_roll_call_id_idx"), "roll_call_marks", ["roll_call_id"], unique=False
    )
    op.create_table(
        "daily_plans",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("hours", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("form", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("area_code", sa.Text(), nullable=False),
        sa.Column("desk_ids", postgresql.ARRAY(sa.UUID()), server_default="{}", nullable=False),
        sa.Column("limit_min", sa.SmallInteger(), nullable=False),
        sa.Column("closes_min", sa.SmallInteger(), nullable=False),
        sa.Column("made_at", Moment, nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("next_at", Moment, nullable=True),
        sa.Column("ended_at", Moment, nullable=True),
        sa.CheckConstraint(
            "(ended_at IS NULL) = (next_at IS NOT NULL)",
            name=op.f("daily_plans_going_on_has_next_moment_check"),
        ),
        sa.CheckConstraint("cardinality(hours) BETWEEN 1 AND 12", name=op.f("daily_plans_some_hour_check")),
        sa.CheckConstraint("last >= first", name=op.f("daily_plans_forward_check")),
        sa.CheckConstraint(
            "limit_min > 0 AND closes_min > limit_min", name=op.f("daily_plans_limits_in_order_check")
        ),
        sa.ForeignKeyConstraint(["area_code"], ["areas.code"], name=op.f("daily_plans_area_code_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("daily_plans_pkey")),
    )
    op.create_table(
        "daily_rounds",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("plan_id", sa.UUID(), nullable=False),
        sa.Column("planned_at", Moment, nullable=False),
        sa.Column("form", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("asked_at", Moment, nullable=False),
        sa.Column("limit_at", Moment, nullable=False),
        sa.Column("closes_at", Moment, nullable=False),
        sa.Column("next_at", Moment, nullable=True),
        sa.Column("closed_at", Moment, nullable=True),
        sa.Column("call_id", sa.UUID(), nullable=True),
        sa.Column("chase_id", sa.UUID(), nullable=True),
        sa.CheckConstraint(
            "(state = 'closed') = (closed_at IS NOT NULL)", name=op.f("daily_rounds_closed_has_moment_check")
        ),
        sa.CheckConstraint(
            "(state = 'closed') = (next_at IS NULL)", name=op.f("daily_rounds_open_has_next_moment_check")
        ),
        sa.CheckConstraint("state IN ('asking', 'chasing', 'closed')", name=op.f("daily_rounds_state_check")),
        sa.ForeignKeyConstraint(["call_id"], ["issued_warnings.id"], name=op.f("daily_rounds_call_id_fkey")),
        sa.ForeignKeyConstraint(
            ["chase_id"], ["issued_warnings.id"], name=op.f("daily_rounds_chase_id_fkey")
        ),
        sa.ForeignKeyConstraint(["plan_id"], ["daily_plans.id"], name=op.f("daily_rounds_plan_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("daily_rounds_pkey")),
        sa.UniqueConstraint("plan_id", "planned_at", name=op.f("daily_rounds_plan_id_planned_at_key")),
    )
    op.create_index(
        "daily_rounds_open_idx",
        "daily_rounds",
        ["next_at"],
        unique=False,
        postgresql_where=sa.text("next_at IS NOT NULL"),
    )
    op.create_index("daily_rounds_planned_idx", "daily_rounds", ["planned_at"], unique=False)
    op.create_table(
        "daily_desks",
        sa.Column("round_id", sa.UUID(), nullable=False),
        sa.Column("desk_id", sa.UUID(), nullable=False),
        sa.Column("missed_at", Moment, nullable=True),
        sa.ForeignKeyConstraint(["desk_id"], ["desks.id"], name=op.f("daily_desks_desk_id_fkey")),
        sa.ForeignKeyConstraint(["round_id"], ["daily_rounds.id"], name=op.f("daily_desks_round_id_fkey")),
        sa.PrimaryKeyConstraint("round_id", "desk_id", name=op.f("daily_desks_pkey")),
    )
    op.create_index(op.f("daily_desks_desk_id_idx"), "daily_desks", ["desk_id"], unique=False)
    op.create_table(
        "daily_reports",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("round_id", sa.UUID(), nullable=False),
        sa.Column("desk_id", sa.UUID(), nullable=False),
        sa.Column("version", sa.SmallInteger(), nullable=False),
        sa.Column("how", sa.Text(), nullable=False),
        sa.Column("answers", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("zero", sa.Boolean(), nullable=False),
        sa.Column("whole", sa.Boolean(), nullable=False),
        sa.Column("words", sa.Text(), server_default="", nullable=False),
        sa.Column("said_by", sa.Text(), server_default="", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("contact_id", sa.UUID(), nullable=True),
        sa.Column("inbox_item_id", sa.UUID(), nullable=True),
        sa.Column("written_at", Moment, nullable=False),
        sa.Column("written_by", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "how <> 'hand' OR said_by <> ''", name=op.f("daily_reports_by_hand_says_who_check")
        ),
        sa.CheckConstraint("how IN ('text', 'link', 'hand')", name=op.f("daily_reports_how_check")),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.id"], name=op.f("daily_reports_contact_id_fkey")),
        sa.ForeignKeyConstraint(["desk_id"], ["desks.id"], name=op.f("daily_reports_desk_id_fkey")),
        sa.ForeignKeyConstraint(
            ["inbox_item_id"], ["inbox_items.id"], name=op.f("daily_reports_inbox_item_id_fkey")
        ),
        sa.ForeignKeyConstraint(["round_id"], ["daily_rounds.id"], name=op.f("daily_reports_round_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("daily_reports_pkey")),
        sa.UniqueConstraint("inbox_item_id", "desk_id", name=op.f("daily_reports_inbox_item_id_desk_id_key")),
        sa.UniqueConstraint(
            "round_id", "desk_id", "version", name=op.f("daily_reports_round_id_desk_id_version_key")
        ),
    )
    op.create_index(op.f("daily_reports_contact_id_idx"), "daily_reports", ["contact_id"], unique=False)


def downgrade() -> None:
    """Take it away again."""
    op.drop_table("daily_reports")
    op.drop_table("daily_desks")
    op.drop_table("daily_rounds")
    op.drop_table("daily_plans")
    op.drop_table("roll_call_marks")
    op.drop_table("roll_call_desks")
    op.drop_table("roll_calls")
    op.drop_table("roll_call_plans")
