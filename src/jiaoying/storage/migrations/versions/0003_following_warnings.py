"""Warnings followed to their end: what replaced what, further sources, call-outs by version of the chain."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("issued_warnings", sa.Column("replaced_by_id", sa.UUID(), nullable=True))
    op.create_foreign_key(
        op.f("issued_warnings_replaced_by_id_fkey"),
        "issued_warnings",
        "issued_warnings",
        ["replaced_by_id"],
        ["id"],
    )
    op.create_index(op.f("issued_warnings_replaced_by_id_idx"), "issued_warnings", ["replaced_by_id"])
    op.execute(
        "UPDATE issued_warnings AS old SET replaced_by_id = new.id FROM issued_warnings AS new"
        " WHERE new.replaces_id = old.id AND old.reason = 'replaced'"
    )
    op.create_table(
        "warning_deliveries",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("warning_id", sa.UUID(), nullable=False),
        sa.Column("message_id", sa.UUID(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("identifier", sa.Text(), nullable=False),
        sa.Column("content_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("dispute_due", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.ForeignKeyConstraint(
            ["warning_id"], ["issued_warnings.id"], name=op.f("warning_deliveries_warning_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["message_id"], ["received_messages.id"], name=op.f("warning_deliveries_message_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("warning_deliveries_pkey")),
        sa.UniqueConstraint(
            "warning_id",
            "source",
            "content_sha256",
            name=op.f("warning_deliveries_warning_id_source_content_sha256_key"),
        ),
    )
    op.create_index(op.f("warning_deliveries_warning_id_idx"), "warning_deliveries", ["warning_id"])
    op.create_index("warning_deliveries_identifier_idx", "warning_deliveries", ["identifier"])
    op.create_index(
        "warning_deliveries_dispute_idx",
        "warning_deliveries",
        ["id"],
        postgresql_where=sa.text("dispute_due"),
    )
    for table in ("responsibilities", "call_outs"):
        op.add_column(table, sa.Column("version", sa.SmallInteger(), server_default="1", nullable=False))
    op.drop_constraint(op.f("call_outs_warning_id_contact_id_key"), "call_outs")
    op.create_unique_constraint(
        op.f("call_outs_warning_id_contact_id_version_key"),
        "call_outs",
        ["warning_id", "contact_id", "version"],
    )
    op.drop_constraint(op.f("attempts_purpose_check"), "attempts")
    op.create_check_constraint(
        op.f("attempts_purpose_check"), "attempts", "purpose IN ('call', 'lowered', 'stand_down', 'reply')"
    )
    op.create_index(
        "attempts_told_idx", "attempts", ["warning_id"], postgresql_where=sa.text("purpose = 'stand_down'")
    )


def downgrade() -> None:
    op.drop_index("attempts_told_idx", "attempts")
    op.execute("UPDATE attempts SET purpose = 'stand_down' WHERE purpose = 'lowered'")
    op.drop_constraint(op.f("attempts_purpose_check"), "attempts")
    op.create_check_constraint(
        op.f("attempts_purpose_check"), "attempts", "purpose IN ('call', 'stand_down', 'reply')"
    )
    op.drop_constraint(op.f("call_outs_warning_id_contact_id_version_key"), "call_outs")
    op.create_unique_constraint(
        op.f("call_outs_warning_id_contact_id_key"), "call_outs", ["warning_id", "contact_id"]
    )
    for table in ("call_outs", "responsibilities"):
        op.drop_column(table, "version")
    op.drop_table("warning_deliveries")
    op.drop_column("issued_warnings", "replaced_by_id")
