"""Ladders: the text and the note of a version, trials on past warnings, dry runs."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_MOMENT = postgresql.TIMESTAMP(timezone=True)


def upgrade() -> None:
    op.add_column("ladders", sa.Column("text", sa.Text(), nullable=True))
    op.add_column("ladders", sa.Column("note", sa.Text(), nullable=True))
    op.create_table(
        "ladder_trials",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("warning_ids", postgresql.ARRAY(sa.UUID()), nullable=False),
        sa.Column("results", postgresql.JSONB(), server_default="[]", nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("ladder_trials_pkey")),
    )
    op.create_table(
        "dry_runs",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("figures", postgresql.JSONB(), nullable=False),
        sa.Column("first_ids", postgresql.ARRAY(sa.UUID()), nullable=False),
        sa.Column("later_ids", postgresql.ARRAY(sa.UUID()), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("dry_runs_pkey")),
    )
    op.create_index("dry_runs_subject_idx", "dry_runs", ["subject", "id"])


def downgrade() -> None:
    op.drop_table("dry_runs")
    op.drop_table("ladder_trials")
    op.drop_column("ladders", "note")
    op.drop_column("ladders", "text")
