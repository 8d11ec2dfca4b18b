"""Incident reports: incidents, their reports, who must be told by when, and by what rules."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

Moment = postgresql.TIMESTAMP(timezone=True)
_TABLES = (
    "incident_rules",
    "incident_reminders",
    "incident_sendings",
    "incident_obligations",
    "incident_reports",
    "incidents",
)


def upgrade() -> None:
    """Add what the tables need."""
    op.create_table(
        "incidents",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("desk_id", sa.UUID(), nullable=False),
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column("year", sa.SmallInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("exercise", sa.Boolean(), nullable=False),
        sa.Column("received_at", Moment, nullable=False),
        sa.Column("created_at", Moment, nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("ended_at", Moment, nullable=True),
        sa.CheckConstraint("number > 0", name=op.f("incidents_counts_from_one_check")),
        sa.ForeignKeyConstraint(["desk_id"], ["desks.id"], name=op.f("incidents_desk_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("incidents_pkey")),
        sa.UniqueConstraint(
            "desk_id", "year", "exercise", "number", name=op.f("incidents_desk_id_year_exercise_number_key")
        ),
        sa.UniqueConstraint(
            "prefix", "year", "exercise", "number", name=op.f("incidents_prefix_year_exercise_number_key")
        ),
    )
    op.create_index(
        "incidents_going_on_idx",
        "incidents",
        ["desk_id"],
        unique=False,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "incident_reports",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("incident_id", sa.UUID(), nullable=False),
        sa.Column("place", sa.SmallInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("nth", sa.SmallInteger(), nullable=True),
        sa.Column("corrects_id", sa.UUID(), nullable=True),
        sa.Column("received_at", Moment, nullable=False),
        sa.Column("facts", postgresql.JSONB(), nullable=False),
        sa.Column("addressees", sa.Text(), nullable=False),
        sa.Column("reporter", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("written_at", Moment, nullable=False),
        sa.Column("written_by", sa.Text(), nullable=False),
        sa.Column("signed_at", Moment, nullable=True),
        sa.Column("signed_by", sa.Text(), nullable=True),
        sa.Column("signer", sa.Text(), nullable=True),
        sa.Column("signed_how", sa.Text(), nullable=True),
        sa.Column("returned_at", Moment, nullable=True),
        sa.Column("returned_by", sa.Text(), nullable=True),
        sa.Column("returned_why", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(kind = 'correction') = (corrects_id IS NOT NULL)",
            name=op.f("incident_reports_correction_of_something_check"),
        ),
        sa.CheckConstraint(
            "(nth IS NOT NULL) = (signed_at IS NOT NULL AND kind IN ('continued', 'correction'))",
            name=op.f("incident_reports_nth_check"),
        ),
        sa.CheckConstraint(
            "kind IN ('first', 'continued', 'final', 'correction')", name=op.f("incident_reports_kind_check")
        ),
        sa.CheckConstraint(
            "signed_how <> 'here' OR signed_by <> written_by", name=op.f("incident_reports_two_persons_check")
        ),
        sa.CheckConstraint("signed_how IN ('here', 'phone')", name=op.f("incident_reports_signed_how_check")),
        sa.CheckConstraint(
            "num_nulls(returned_at, returned_by, returned_why) IN (0, 3)",
            name=op.f("incident_reports_returned_with_reason_check"),
        ),
        sa.CheckConstraint(
            "num_nulls(signed_at, signed_by, signer, signed_how) IN (0, 4)",
            name=op.f("incident_reports_signed_by_somebody_check"),
        ),
        sa.CheckConstraint(
            "signed_at IS NULL OR returned_at IS NULL", name=op.f("incident_reports_signed_or_returned_check")
        ),
        sa.ForeignKeyConstraint(
            ["corrects_id"], ["incident_reports.id"], name=op.f("incident_reports_corrects_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incidents.id"], name=op.f("incident_reports_incident_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("incident_reports_pkey")),
        sa.UniqueConstraint("incident_id", "place", name=op.f("incident_reports_incident_id_place_key")),
    )
    op.create_index(
        "incident_reports_first_idx",
        "incident_reports",
        ["incident_id", "kind"],
        unique=True,
        postgresql_where=sa.text("kind IN ('first', 'final') AND returned_at IS NULL"),
    )
    op.create_index(
        "incident_reports_waiting_idx",
        "incident_reports",
        ["incident_id"],
        unique=True,
        postgresql_where=sa.text("signed_at IS NULL AND returned_at IS NULL"),
    )
    op.create_table(
        "incident_obligations",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("incident_id", sa.UUID(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("means", sa.Text(), nullable=False),
        sa.Column("starts_at", Moment, nullable=False),
        sa.Column("due_at", Moment, nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("rules_version", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("step", sa.Text(), nullable=True),
        sa.Column("next_at", Moment, nullable=True),
        sa.Column("sent_at", Moment, nullable=True),
        sa.Column("lifted_at", Moment, nullable=True),
        sa.Column("lifted_by", sa.Text(), nullable=True),
        sa.Column("lifted_why", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(state = 'done') = (sent_at IS NOT NULL)", name=op.f("incident_obligations_done_was_sent_check")
        ),
        sa.CheckConstraint(
            "(state = 'lifted') = (lifted_at IS NOT NULL)",
            name=op.f("incident_obligations_lifted_has_moment_check"),
        ),
        sa.CheckConstraint(
            "(state = 'open') = (next_at IS NOT NULL)",
            name=op.f("incident_obligations_open_has_next_moment_check"),
        ),
        sa.CheckConstraint("means IN ('phone', 'written')", name=op.f("incident_obligations_means_check")),
        sa.CheckConstraint(
            "state IN ('open', 'done', 'lifted')", name=op.f("incident_obligations_state_check")
        ),
        sa.CheckConstraint(
            "step IN ('reminded', 'pressed', 'overdue')", name=op.f("incident_obligations_step_check")
        ),
        sa.CheckConstraint("due_at > starts_at", name=op.f("incident_obligations_forward_check")),
        sa.CheckConstraint(
            "num_nulls(lifted_at, lifted_by, lifted_why) IN (0, 3)",
            name=op.f("incident_obligations_lifted_with_reason_check"),
        ),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incidents.id"], name=op.f("incident_obligations_incident_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("incident_obligations_pkey")),
        sa.UniqueConstraint(
            "incident_id",
            "recipient",
            "means",
            name=op.f("incident_obligations_incident_id_recipient_means_key"),
        ),
    )
    op.create_index(
        "incident_obligations_next_idx",
        "incident_obligations",
        ["next_at"],
        unique=False,
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "incident_sendings",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("incident_id", sa.UUID(), nullable=False),
        sa.Column("report_id", sa.UUID(), nullable=True),
        sa.Column("obligation_id", sa.UUID(), nullable=True),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("means", sa.Text(), nullable=False),
        sa.Column("sent_at", Moment, nullable=False),
        sa.Column("sent_to", sa.Text(), nullable=False),
        sa.Column("how", sa.Text(), nullable=False),
        sa.Column("noted_at", Moment, nullable=False),
        sa.Column("noted_by", sa.Text(), nullable=False),
        sa.Column("receipt_at", Moment, nullable=True),
        sa.Column("received_by", sa.Text(), nullable=True),
        sa.Column("receipt_noted_by", sa.Text(), nullable=True),
        sa.Column("undone_at", Moment, nullable=True),
        sa.Column("undone_by", sa.Text(), nullable=True),
        sa.Column("undone_why", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "means = 'phone' OR report_id IS NOT NULL",
            name=op.f("incident_sendings_written_has_report_check"),
        ),
        sa.CheckConstraint("means IN ('phone', 'written')", name=op.f("incident_sendings_means_check")),
        sa.CheckConstraint(
            "num_nulls(receipt_at, received_by, receipt_noted_by) IN (0, 3)",
            name=op.f("incident_sendings_receipt_by_somebody_check"),
        ),
        sa.CheckConstraint(
            "num_nulls(undone_at, undone_by, undone_why) IN (0, 3)",
            name=op.f("incident_sendings_undone_with_reason_check"),
        ),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incidents.id"], name=op.f("incident_sendings_incident_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["obligation_id"], ["incident_obligations.id"], name=op.f("incident_sendings_obligation_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["report_id"], ["incident_reports.id"], name=op.f("incident_sendings_report_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("incident_sendings_pkey")),
    )
    op.create_index(
        op.f("incident_sendings_incident_id_idx"), "incident_sendings", ["incident_id"], unique=False
    )
    op.create_table(
        "incident_reminders",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("incident_id", sa.UUID(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("obligation_ids", postgresql.ARRAY(sa.UUID()), nullable=False),
        sa.Column("call_id", sa.UUID(), nullable=True),
        sa.Column("begun_at", Moment, nullable=False),
        sa.Column("ended_at", Moment, nullable=True),
        sa.CheckConstraint(
            "step IN ('reminded', 'pressed', 'overdue')", name=op.f("incident_reminders_step_check")
        ),
        sa.ForeignKeyConstraint(
            ["call_id"], ["issued_warnings.id"], name=op.f("incident_reminders_call_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incidents.id"], name=op.f("incident_reminders_incident_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("incident_reminders_pkey")),
    )
    op.create_index(
        op.f("incident_reminders_incident_id_idx"), "incident_reminders", ["incident_id"], unique=False
    )
    op.create_index(
        "incident_reminders_running_idx",
        "incident_reminders",
        ["incident_id"],
        unique=False,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "incident_rules",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("created_at", Moment, nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("incident_rules_pkey")),
        sa.UniqueConstraint("version", name=op.f("incident_rules_version_key")),
    )


def downgrade() -> None:
    """Take it away again."""
    for table in _TABLES:
        op.drop_table(table)
