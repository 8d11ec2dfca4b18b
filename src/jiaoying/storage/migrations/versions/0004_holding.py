"""Warnings that are held for the officer, requests to the leader, and drafts of warnings by hand."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_MOMENT = postgresql.TIMESTAMP(timezone=True)


def upgrade() -> None:
    _hold_columns()
    _drafts()
    op.execute(
        "INSERT INTO warning_sources (id, name, kind, created_at, created_by, watched_from)"
        " VALUES ('01980000-0000-7000-8000-000000000001', 'hand', 'hand', now(), 'migration', now())"
        " ON CONFLICT (name) DO NOTHING"
    )


def _hold_columns() -> None:
    for name, kind in (
        ("hold_reason", sa.Text()),
        ("hold_until", _MOMENT),
        ("hold_next_at", _MOMENT),
        ("written_by", sa.Text()),
        ("people_planned", sa.Integer()),
        ("second_by", sa.Text()),
        ("request_for_id", sa.UUID()),
    ):
        op.add_column("issued_warnings", sa.Column(name, kind, nullable=True))
    op.add_column(
        "issued_warnings", sa.Column("questions", postgresql.JSONB(), server_default="[]", nullable=False)
    )
    op.create_foreign_key(
        op.f("issued_warnings_request_for_id_fkey"),
        "issued_warnings",
        "issued_warnings",
        ["request_for_id"],
        ["id"],
    )
    # Until now only a warning that the program could not match was held.
    op.execute(
        "UPDATE issued_warnings SET hold_reason = 'broke', hold_until = received_at,"
        " hold_next_at = received_at WHERE state = 'held'"
    )
    op.create_check_constraint(
        op.f("issued_warnings_held_has_next_moment_check"),
        "issued_warnings",
        "state <> 'held' OR hold_next_at IS NOT NULL",
    )
    op.create_check_constraint(
        op.f("issued_warnings_two_persons_check"),
        "issued_warnings",
        "second_by IS NULL OR second_by <> written_by",
    )
    op.create_index(
        "issued_warnings_held_idx",
        "issued_warnings",
        ["hold_next_at"],
        unique=False,
        postgresql_where=sa.text("state = 'held'"),
    )
    op.create_index(
        "issued_warnings_requests_idx",
        "issued_warnings",
        ["request_for_id"],
        unique=False,
        postgresql_where=sa.text("request_for_id IS NOT NULL"),
    )


def _drafts() -> None:
    op.create_table(
        "warning_drafts",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("pasted", sa.Text(), nullable=True),
        sa.Column("fields", postgresql.JSONB(), nullable=False),
        sa.Column("evidence", postgresql.JSONB(), server_default="[]", nullable=False),
        sa.Column("questions", postgresql.JSONB(), server_default="[]", nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("changed_at", _MOMENT, nullable=False),
        sa.Column("confirmed_at", _MOMENT, nullable=True),
        sa.Column("confirmed_by", sa.Text(), nullable=True),
        sa.Column("warning_id", sa.UUID(), nullable=True),
        sa.Column("discarded_at", _MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["warning_id"], ["issued_warnings.id"], name=op.f("warning_drafts_warning_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("warning_drafts_pkey")),
    )
    op.create_index(
        "warning_drafts_open_idx",
        "warning_drafts",
        ["created_at"],
        unique=False,
        postgresql_where=sa.text("warning_id IS NULL AND discarded_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_table("warning_drafts")
    op.execute("DELETE FROM warning_sources WHERE name = 'hand'")
    for name in ("held", "requests"):
        op.drop_index(f"issued_warnings_{name}_idx", table_name="issued_warnings")
    for name in ("held_has_next_moment", "two_persons"):
        op.drop_constraint(f"issued_warnings_{name}_check", "issued_warnings")
    op.drop_constraint("issued_warnings_request_for_id_fkey", "issued_warnings")
    for name in (
        *("hold_reason", "hold_until", "hold_next_at", "written_by", "people_planned"),
        *("second_by", "request_for_id", "questions"),
    ):
        op.drop_column("issued_warnings", name)
