"""Forecasts with their errors, and turns between warnings."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

Moment = postgresql.TIMESTAMP(timezone=True)


def upgrade() -> None:
    op.create_table(
        "forecasts",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("warning_id", sa.UUID(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("made_at", Moment, nullable=False),
        sa.Column("gateway", sa.Text(), nullable=False),
        sa.Column("lines", sa.Integer(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("unrung", sa.Integer(), nullable=False),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.Column("parts", sa.Integer(), nullable=False),
        sa.Column("measured", sa.Integer(), nullable=False),
        sa.Column("first_pass_end", Moment, nullable=False),
        sa.Column("all_rounds_end", Moment, nullable=False),
        sa.Column("binding", sa.Text(), nullable=False),
        sa.Column("lines_needed", sa.Integer(), nullable=True),
        sa.Column("curve", postgresql.JSONB(), nullable=False),
        sa.Column("last_contact_id", sa.UUID(), nullable=True),
        sa.Column("last_label", sa.Text(), nullable=True),
        sa.Column("ended_at", Moment, nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.CheckConstraint("kind IN ('before', 'running')", name=op.f("forecasts_kind_check")),
        sa.CheckConstraint(
            "binding IN ('lines', 'calls_per_s', 'parts_per_s', 'none')", name=op.f("forecasts_binding_check")
        ),
        sa.CheckConstraint("outcome IN ('reached', 'cut_short')", name=op.f("forecasts_outcome_check")),
        sa.CheckConstraint(
            "(ended_at IS NULL) = (outcome IS NULL)", name=op.f("forecasts_ended_has_outcome_check")
        ),
        sa.ForeignKeyConstraint(
            ["last_contact_id"], ["contacts.id"], name=op.f("forecasts_last_contact_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["warning_id"], ["issued_warnings.id"], name=op.f("forecasts_warning_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("forecasts_pkey")),
    )
    op.create_index("forecasts_warning_idx", "forecasts", ["warning_id", "made_at"])
    op.create_index(
        "forecasts_open_idx", "forecasts", ["warning_id"], postgresql_where=sa.text("ended_at IS NULL")
    )
    op.create_index(
        "forecasts_before_idx",
        "forecasts",
        ["warning_id"],
        unique=True,
        postgresql_where=sa.text("kind = 'before'"),
    )
    op.add_column("attempts", sa.Column("turn", sa.Integer(), server_default="0", nullable=False))
    _index_due("gateway", "channel", "priority", "round", "turn", "due_at")


def downgrade() -> None:
    _index_due("gateway", "channel", "priority", "due_at")
    op.drop_column("attempts", "turn")
    op.drop_table("forecasts")


def _index_due(*columns: str) -> None:
    op.drop_index("attempts_due_idx", table_name="attempts")
    op.create_index("attempts_due_idx", "attempts", list(columns), postgresql_where=sa.text("state = 'due'"))
