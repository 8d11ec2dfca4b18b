"""Where warnings come from, and how long each of them holds its warnings."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "warning_sources",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("enabled", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("hold_s", postgresql.JSONB(), server_default="{}", nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('push', 'poll', 'folder', 'hand')", name=op.f("warning_sources_kind_check")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("warning_sources_pkey")),
        sa.UniqueConstraint("name", name=op.f("warning_sources_name_key")),
    )


def downgrade() -> None:
    op.drop_table("warning_sources")
