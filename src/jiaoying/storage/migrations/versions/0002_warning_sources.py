"""Where warnings come from: how each is reached, how it proves itself, how long it holds its warnings."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_MOMENT = postgresql.TIMESTAMP(timezone=True)


def upgrade() -> None:
    op.create_table(
        "warning_sources",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("enabled", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("hold_s", postgresql.JSONB(), server_default="{}", nullable=False),
        sa.Column("notes", sa.Text(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("allowed_hosts", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("inside_network", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("headers", postgresql.JSONB(), server_default="{}", nullable=False),
        sa.Column("interval_s", sa.Integer(), server_default="300", nullable=False),
        sa.Column("silence_s", sa.Integer(), nullable=True),
        sa.Column("credential_kind", sa.Text(), nullable=True),
        sa.Column("credential_name", sa.Text(), nullable=True),
        sa.Column("credential_locked", sa.LargeBinary(), nullable=True),
        sa.Column("proof", sa.Text(), server_default="token", nullable=False),
        sa.Column("signing_locked", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("watched_from", _MOMENT, nullable=False),
        sa.Column("next_poll_at", _MOMENT, nullable=True),
        sa.Column("leased_until", _MOMENT, nullable=True),
        sa.Column("lease_id", sa.UUID(), nullable=True),
        sa.Column("etag", sa.Text(), nullable=True),
        sa.Column("last_modified", sa.Text(), nullable=True),
        sa.Column("body_sha256", sa.LargeBinary(), nullable=True),
        sa.Column("last_poll_at", _MOMENT, nullable=True),
        sa.Column("last_success_at", _MOMENT, nullable=True),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("failing_since", _MOMENT, nullable=True),
        sa.Column("trouble", sa.Text(), nullable=True),
        sa.Column("troubled_as", sa.Text(), nullable=True),
        sa.Column("troubled_since", _MOMENT, nullable=True),
        sa.CheckConstraint(
            "kind IN ('push', 'poll', 'folder', 'hand')", name=op.f("warning_sources_kind_check")
        ),
        sa.CheckConstraint(
            "credential_kind IN ('header', 'query', 'basic')",
            name=op.f("warning_sources_credential_kind_check"),
        ),
        sa.CheckConstraint(
            "proof IN ('token', 'signature', 'both')", name=op.f("warning_sources_proof_check")
        ),
        sa.CheckConstraint(
            "kind NOT IN ('poll', 'folder') OR address IS NOT NULL",
            name=op.f("warning_sources_collected_has_address_check"),
        ),
        sa.CheckConstraint(
            "kind NOT IN ('poll', 'folder') OR next_poll_at IS NOT NULL",
            name=op.f("warning_sources_collected_has_next_moment_check"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("warning_sources_pkey")),
        sa.UniqueConstraint("name", name=op.f("warning_sources_name_key")),
    )
    op.create_table(
        "source_entries",
        sa.Column("source_id", sa.UUID(), nullable=False),
        sa.Column("entry_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("seen_at", _MOMENT, nullable=False),
        sa.Column("tries", sa.SmallInteger(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "outcome IN ('taken', 'refused', 'given_up')", name=op.f("source_entries_outcome_check")
        ),
        sa.ForeignKeyConstraint(
            ["source_id"],
            ["warning_sources.id"],
            name=op.f("source_entries_source_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("source_id", "entry_sha256", name=op.f("source_entries_pkey")),
    )
    op.create_index("received_messages_source_idx", "received_messages", ["source", "received_at"])
    op.add_column("api_tokens", sa.Column("source_id", sa.UUID(), nullable=True))
    op.create_foreign_key(
        op.f("api_tokens_source_id_fkey"), "api_tokens", "warning_sources", ["source_id"], ["id"]
    )


def downgrade() -> None:
    op.drop_column("api_tokens", "source_id")
    op.drop_index("received_messages_source_idx", "received_messages")
    op.drop_table("source_entries")
    op.drop_table("warning_sources")
