"""What counts: how a call was heard, links in texts, photos, what is logged by hand."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

Moment = postgresql.TIMESTAMP(timezone=True)


def upgrade() -> None:
    """How calls were heard, links, photos."""
    op.add_column("attempts", sa.Column("picked_up_by", sa.Text(), nullable=True))
    op.add_column("attempts", sa.Column("heard_s", sa.Integer(), nullable=True))
    op.add_column("attempts", sa.Column("heard_whole_at", Moment, nullable=True))
    op.create_check_constraint(
        op.f("attempts_picked_up_by_check"),
        "attempts",
        "picked_up_by IN ('human', 'machine', 'fax', 'unknown')",
    )
    op.create_check_constraint(
        op.f("answers_how_check"),
        "answers",
        "how IN ('text', 'key', 'link', 'hand', 'door', 'radio', 'gong', 'loudspeaker', 'group_chat')",
    )
    op.create_check_constraint(
        op.f("answers_broadcast_only_tells_check"),
        "answers",
        "(how IN ('gong', 'loudspeaker', 'group_chat')) = (meaning = 'told')",
    )
    op.create_table(
        "answer_links",
        sa.Column("token_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("call_out_id", sa.UUID(), nullable=False),
        sa.Column("attempt_id", sa.UUID(), nullable=False),
        sa.Column("created_at", Moment, nullable=False),
        sa.Column("expires_at", Moment, nullable=False),
        sa.Column("opened_at", Moment, nullable=True),
        sa.Column("used_at", Moment, nullable=True),
        sa.ForeignKeyConstraint(
            ["call_out_id"], ["call_outs.id"], name=op.f("answer_links_call_out_id_fkey")
        ),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempts.id"], name=op.f("answer_links_attempt_id_fkey")),
        sa.PrimaryKeyConstraint("token_sha256", "call_out_id", name=op.f("answer_links_pkey")),
    )
    op.create_index(op.f("answer_links_call_out_id_idx"), "answer_links", ["call_out_id"])
    op.create_table(
        "attachments",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("warning_id", sa.UUID(), nullable=False),
        sa.Column("call_out_id", sa.UUID(), nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint(
            "media_type IN ('image/jpeg', 'image/png', 'image/webp')",
            name=op.f("attachments_media_type_check"),
        ),
        sa.ForeignKeyConstraint(
            ["warning_id"], ["issued_warnings.id"], name=op.f("attachments_warning_id_fkey")
        ),
        sa.ForeignKeyConstraint(["call_out_id"], ["call_outs.id"], name=op.f("attachments_call_out_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("attachments_pkey")),
        sa.UniqueConstraint("call_out_id", "sha256", name=op.f("attachments_call_out_id_sha256_key")),
    )
    op.create_index(op.f("attachments_call_out_id_idx"), "attachments", ["call_out_id"])


def downgrade() -> None:
    """Take it away again."""
    op.drop_table("attachments")
    op.drop_table("answer_links")
    op.drop_constraint(op.f("answers_broadcast_only_tells_check"), "answers")
    op.drop_constraint(op.f("answers_how_check"), "answers")
    op.drop_constraint(op.f("attempts_picked_up_by_check"), "attempts")
    op.drop_column("attempts", "heard_whole_at")
    op.drop_column("attempts", "heard_s")
    op.drop_column("attempts", "picked_up_by")
