"""Periodic duties and risk reminder letters."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

Moment = postgresql.TIMESTAMP(timezone=True)


def upgrade() -> None:
    """Add what the tables need."""
    op.create_table(
        "letters",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("warning_id", sa.UUID()),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("series", sa.Text(), nullable=False),
        sa.Column("year", sa.SmallInteger()),
        sa.Column("number", sa.Integer()),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("exercise", sa.Boolean(), nullable=False),
        sa.Column("facts", postgresql.JSONB(), nullable=False),
        sa.Column("risk", sa.Text(), server_default="", nullable=False),
        sa.Column("requests", sa.Text(), server_default="", nullable=False),
        sa.Column("confirm_minutes", sa.SmallInteger(), nullable=False),
        sa.Column("body", postgresql.ARRAY(sa.Text())),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("written_at", Moment, nullable=False),
        sa.Column("written_by", sa.Text(), nullable=False),
        sa.Column("signed_at", Moment),
        sa.Column("signed_by", sa.Text()),
        sa.Column("sent_at", Moment),
        sa.Column("sent_by", sa.Text()),
        sa.Column("ended_at", Moment),
        sa.Column("ended_by", sa.Text()),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint(
            "(state IN ('draft', 'discarded')) = (signed_at IS NULL)",
            name=op.f("letters_signed_has_moment_check"),
        ),
        sa.CheckConstraint(
            "(state IN ('withdrawn', 'discarded')) = (ended_at IS NOT NULL)",
            name=op.f("letters_ended_has_moment_check"),
        ),
        sa.CheckConstraint(
            "state <> 'sent' OR sent_at IS NOT NULL", name=op.f("letters_sent_has_moment_check")
        ),
        sa.CheckConstraint(
            "state <> 'withdrawn' OR reason <> ''", name=op.f("letters_withdrawn_has_reason_check")
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'signed', 'sent', 'withdrawn', 'discarded')", name=op.f("letters_state_check")
        ),
        sa.CheckConstraint(
            "(signed_at IS NULL) = (signed_by IS NULL) AND (signed_at IS NULL) = (body IS NULL)"
            " AND (signed_at IS NULL) = (number IS NULL) AND (number IS NULL) = (year IS NULL)",
            name=op.f("letters_signed_as_a_whole_check"),
        ),
        sa.CheckConstraint(
            "signed_by IS NULL OR signed_by <> written_by", name=op.f("letters_two_persons_check")
        ),
        sa.ForeignKeyConstraint(["warning_id"], ["issued_warnings.id"], name=op.f("letters_warning_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("letters_pkey")),
        sa.UniqueConstraint("series", "year", "number", name=op.f("letters_series_year_number_key")),
    )
    op.create_index(
        "letters_open_idx",
        "letters",
        ["id"],
        postgresql_where=sa.text("state IN ('draft', 'signed', 'sent')"),
    )
    op.create_index(op.f("letters_warning_id_idx"), "letters", ["warning_id"])
    op.create_table(
        "routines",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("desk_id", sa.UUID(), nullable=False),
        sa.Column("owner_id", sa.UUID()),
        sa.Column("rule", postgresql.JSONB(), nullable=False),
        sa.Column("suggestion", sa.Text()),
        sa.Column("counts_from", sa.Date(), nullable=False),
        sa.Column("changed_at", Moment, nullable=False),
        sa.Column("created_at", Moment, nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("ended_at", Moment),
        sa.Column("ended_by", sa.Text()),
        sa.CheckConstraint(
            "(ended_at IS NULL) = (ended_by IS NULL)", name=op.f("routines_ended_by_somebody_check")
        ),
        sa.ForeignKeyConstraint(["desk_id"], ["desks.id"], name=op.f("routines_desk_id_fkey")),
        sa.ForeignKeyConstraint(["owner_id"], ["contacts.id"], name=op.f("routines_owner_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("routines_pkey")),
    )
    op.create_table(
        "letter_units",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("letter_id", sa.UUID(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("desk_id", sa.UUID()),
        sa.Column("post_id", sa.UUID()),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("call_id", sa.UUID()),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("next_at", Moment),
        sa.Column("confirmed_at", Moment),
        sa.Column("confirmed_by", sa.UUID()),
        sa.Column("confirmed_how", sa.Text()),
        sa.CheckConstraint(
            "(state = 'confirmed') = (confirmed_at IS NOT NULL)",
            name=op.f("letter_units_confirmed_has_moment_check"),
        ),
        sa.CheckConstraint(
            "state <> 'asked' OR next_at IS NOT NULL", name=op.f("letter_units_asked_has_next_moment_check")
        ),
        sa.CheckConstraint(
            "state IN ('chosen', 'asked', 'confirmed', 'silent', 'withdrawn')",
            name=op.f("letter_units_state_check"),
        ),
        sa.CheckConstraint(
            "(desk_id IS NULL) <> (post_id IS NULL)", name=op.f("letter_units_desk_or_post_check")
        ),
        sa.ForeignKeyConstraint(["call_id"], ["issued_warnings.id"], name=op.f("letter_units_call_id_fkey")),
        sa.ForeignKeyConstraint(
            ["confirmed_by"], ["contacts.id"], name=op.f("letter_units_confirmed_by_fkey")
        ),
        sa.ForeignKeyConstraint(["desk_id"], ["desks.id"], name=op.f("letter_units_desk_id_fkey")),
        sa.ForeignKeyConstraint(["letter_id"], ["letters.id"], name=op.f("letter_units_letter_id_fkey")),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("letter_units_post_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("letter_units_pkey")),
        sa.UniqueConstraint("letter_id", "desk_id", name=op.f("letter_units_letter_id_desk_id_key")),
        sa.UniqueConstraint("letter_id", "position", name=op.f("letter_units_letter_id_position_key")),
        sa.UniqueConstraint("letter_id", "post_id", name=op.f("letter_units_letter_id_post_id_key")),
    )
    op.create_index(op.f("letter_units_call_id_idx"), "letter_units", ["call_id"])
    op.create_index(op.f("letter_units_letter_id_idx"), "letter_units", ["letter_id"])
    op.create_index(
        "letter_units_open_idx", "letter_units", ["next_at"], postgresql_where=sa.text("next_at IS NOT NULL")
    )
    op.create_table(
        "routine_occurrences",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("routine_id", sa.UUID(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("due_at", Moment, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("desk_id", sa.UUID(), nullable=False),
        sa.Column("owner_id", sa.UUID()),
        sa.Column("reminders", postgresql.ARRAY(Moment), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("next_at", Moment),
        sa.Column("begun_at", Moment),
        sa.Column("reopened_at", Moment),
        sa.Column("received_at", Moment),
        sa.Column("received_by", sa.UUID()),
        sa.Column("ended_at", Moment),
        sa.Column("ended_by", sa.Text()),
        sa.Column("ended_how", sa.Text()),
        sa.Column("reported_by", sa.UUID()),
        sa.Column("remark", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint(
            "(state = 'ahead') <= (begun_at IS NULL)",
            name=op.f("routine_occurrences_ahead_has_not_begun_check"),
        ),
        sa.CheckConstraint(
            "(state IN ('ahead', 'reminded', 'late')) = (next_at IS NOT NULL)",
            name=op.f("routine_occurrences_open_has_next_moment_check"),
        ),
        sa.CheckConstraint(
            "(state IN ('done', 'skipped')) = (ended_at IS NOT NULL)",
            name=op.f("routine_occurrences_ended_has_moment_check"),
        ),
        sa.CheckConstraint(
            "ended_how IN ('hand', 'reply')", name=op.f("routine_occurrences_ended_how_check")
        ),
        sa.CheckConstraint(
            "state <> 'skipped' OR remark <> ''", name=op.f("routine_occurrences_skipped_has_reason_check")
        ),
        sa.CheckConstraint(
            "state IN ('ahead', 'reminded', 'late', 'done', 'skipped')",
            name=op.f("routine_occurrences_state_check"),
        ),
        sa.CheckConstraint(
            "(ended_at IS NULL) = (ended_by IS NULL)",
            name=op.f("routine_occurrences_ended_by_somebody_check"),
        ),
        sa.ForeignKeyConstraint(["desk_id"], ["desks.id"], name=op.f("routine_occurrences_desk_id_fkey")),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["contacts.id"], name=op.f("routine_occurrences_owner_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["received_by"], ["contacts.id"], name=op.f("routine_occurrences_received_by_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["reported_by"], ["contacts.id"], name=op.f("routine_occurrences_reported_by_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["routine_id"], ["routines.id"], name=op.f("routine_occurrences_routine_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("routine_occurrences_pkey")),
        sa.UniqueConstraint("routine_id", "day", name=op.f("routine_occurrences_routine_id_day_key")),
    )
    op.create_index("routine_occurrences_due_idx", "routine_occurrences", ["due_at"])
    op.create_index(
        "routine_occurrences_open_idx",
        "routine_occurrences",
        ["next_at"],
        postgresql_where=sa.text("next_at IS NOT NULL"),
    )
    op.create_index(op.f("routine_occurrences_owner_id_idx"), "routine_occurrences", ["owner_id"])
    op.create_table(
        "routine_calls",
        sa.Column("call_id", sa.UUID(), nullable=False),
        sa.Column("occurrence_id", sa.UUID(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("made_at", Moment, nullable=False),
        sa.CheckConstraint(
            "step IN ('remind', 'tell_late', 'call_late', 'remind_late')",
            name=op.f("routine_calls_step_check"),
        ),
        sa.ForeignKeyConstraint(["call_id"], ["issued_warnings.id"], name=op.f("routine_calls_call_id_fkey")),
        sa.ForeignKeyConstraint(
            ["occurrence_id"], ["routine_occurrences.id"], name=op.f("routine_calls_occurrence_id_fkey")
        ),
        sa.PrimaryKeyConstraint("call_id", name=op.f("routine_calls_pkey")),
    )
    op.create_index(op.f("routine_calls_occurrence_id_idx"), "routine_calls", ["occurrence_id"])


def downgrade() -> None:
    """Take it away again."""
    for table in ("routine_calls", "routine_occurrences", "routines", "letter_units", "letters"):
        op.drop_table(table)
