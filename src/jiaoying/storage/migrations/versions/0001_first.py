"""Every table of the first release."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "api_tokens",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("token_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("scopes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("revoked_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("api_tokens_pkey")),
        sa.UniqueConstraint("name", name=op.f("api_tokens_name_key")),
        sa.UniqueConstraint("token_sha256", name=op.f("api_tokens_token_sha256_key")),
    )
    op.create_table(
        "areas",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("parent_code", sa.Text(), nullable=True),
        sa.Column("lat", sa.Double, nullable=True),
        sa.Column("lon", sa.Double, nullable=True),
        sa.CheckConstraint("code ~ '^[0-9]{12}$'", name=op.f("areas_twelve_digits_check")),
        sa.CheckConstraint(
            "level IN ('province', 'city', 'county', 'township', 'village')", name=op.f("areas_level_check")
        ),
        sa.ForeignKeyConstraint(["parent_code"], ["areas.code"], name=op.f("areas_parent_code_fkey")),
        sa.PrimaryKeyConstraint("code", name=op.f("areas_pkey")),
    )
    op.create_index(
        "areas_code_prefix_idx", "areas", ["code"], unique=False, postgresql_ops={"code": "text_pattern_ops"}
    )
    op.create_index(op.f("areas_parent_code_idx"), "areas", ["parent_code"], unique=False)
    op.create_table(
        "clock_anchor",
        sa.Column("only", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("wall", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("business", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("rate", sa.Double, nullable=False),
        sa.CheckConstraint('"only"', name=op.f("clock_anchor_one_row_check")),
        sa.PrimaryKeyConstraint("only", name=op.f("clock_anchor_pkey")),
    )
    op.create_table(
        "contacts",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), server_default="person", nullable=False),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("language", sa.Text(), server_default="zh-CN", nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("demonstration", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("retired_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('person', 'desk')", name=op.f("contacts_kind_check")),
        sa.PrimaryKeyConstraint("id", name=op.f("contacts_pkey")),
    )
    op.create_index(op.f("contacts_name_idx"), "contacts", ["name"], unique=False)
    op.create_table(
        "ladders",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("body", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("ladders_pkey")),
        sa.UniqueConstraint("version", name=op.f("ladders_version_key")),
    )
    op.create_table(
        "ledger_lines",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("warning_id", sa.UUID(), nullable=True),
        sa.Column("responsibility_id", sa.UUID(), nullable=True),
        sa.Column("call_out_id", sa.UUID(), nullable=True),
        sa.Column("attempt_id", sa.UUID(), nullable=True),
        sa.Column("contact_id", sa.UUID(), nullable=True),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("particulars_digest", sa.LargeBinary(), nullable=True),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column(
            "tx",
            sa.BigInteger(),
            server_default=sa.text("pg_current_xact_id()::text::bigint"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("ledger_lines_pkey")),
    )
    op.create_index("ledger_lines_call_out_idx", "ledger_lines", ["call_out_id", "id"], unique=False)
    op.create_index("ledger_lines_tx_idx", "ledger_lines", ["tx"], unique=False)
    op.create_index("ledger_lines_warning_idx", "ledger_lines", ["warning_id", "id"], unique=False)
    op.create_table(
        "ledger_particulars",
        sa.Column("line_id", sa.UUID(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("body", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("line_id", name=op.f("ledger_particulars_pkey")),
    )
    op.create_table(
        "ledger_seals",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("sealed_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("tx_below", sa.BigInteger(), nullable=False),
        sa.Column("cluster", sa.BigInteger(), nullable=False),
        sa.Column("line_ids", postgresql.ARRAY(sa.UUID()), nullable=False),
        sa.Column("line_hashes", sa.LargeBinary(), nullable=False),
        sa.Column("previous_hash", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("ledger_seals_pkey")),
    )
    op.create_index("ledger_seals_cluster_idx", "ledger_seals", ["cluster"], unique=False)
    op.create_table(
        "received_messages",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("received_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("body_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("disposition", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("complaints", postgresql.JSONB(astext_type=sa.Text()), server_default="[]", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("received_messages_pkey")),
    )
    op.create_table(
        "users",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("disabled_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.CheckConstraint(
            "role IN ('officer', 'leader', 'keeper', 'township', 'inspector', 'operator')",
            name=op.f("users_role_check"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("users_pkey")),
        sa.UniqueConstraint("name", name=op.f("users_name_key")),
    )
    op.create_table(
        "workers",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("started_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("seen_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("workers_pkey")),
    )
    op.create_index(op.f("workers_seen_at_idx"), "workers", ["seen_at"], unique=False)
    op.create_table(
        "area_shapes",
        sa.Column("area_code", sa.Text(), nullable=False),
        sa.Column("shape_wkb", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["area_code"], ["areas.code"], name=op.f("area_shapes_area_code_fkey")),
        sa.PrimaryKeyConstraint("area_code", name=op.f("area_shapes_pkey")),
    )
    op.create_table(
        "contact_numbers",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("contact_id", sa.UUID(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("preference", sa.SmallInteger(), server_default="1", nullable=False),
        sa.Column("opted_out_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.CheckConstraint(
            "kind IN ('mobile', 'landline', 'satellite')", name=op.f("contact_numbers_kind_check")
        ),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contacts.id"], name=op.f("contact_numbers_contact_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("contact_numbers_pkey")),
        sa.UniqueConstraint("contact_id", "number", name=op.f("contact_numbers_contact_id_number_key")),
    )
    op.create_index(op.f("contact_numbers_contact_id_idx"), "contact_numbers", ["contact_id"], unique=False)
    op.create_index(op.f("contact_numbers_number_idx"), "contact_numbers", ["number"], unique=False)
    op.create_table(
        "desks",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("area_code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("fallback_contact_id", sa.UUID(), nullable=True),
        sa.ForeignKeyConstraint(["area_code"], ["areas.code"], name=op.f("desks_area_code_fkey")),
        sa.ForeignKeyConstraint(
            ["fallback_contact_id"], ["contacts.id"], name=op.f("desks_fallback_contact_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("desks_pkey")),
        sa.UniqueConstraint("name", name=op.f("desks_name_key")),
    )
    op.create_index(op.f("desks_area_code_idx"), "desks", ["area_code"], unique=False)
    op.create_table(
        "inbox_items",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("received_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("gateway", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("dedupe_key", sa.Text(), nullable=False),
        sa.Column("attempt_id", sa.UUID(), nullable=True),
        sa.Column("carrier_ref", sa.Text(), nullable=True),
        sa.Column("from_number", sa.Text(), nullable=True),
        sa.Column("to_number", sa.Text(), nullable=True),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("settled_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("contact_id", sa.UUID(), nullable=True),
        sa.CheckConstraint("state IN ('unread', 'settled')", name=op.f("inbox_items_state_check")),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.id"], name=op.f("inbox_items_contact_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("inbox_items_pkey")),
        sa.UniqueConstraint("gateway", "dedupe_key", name=op.f("inbox_items_gateway_dedupe_key_key")),
    )
    op.create_index(
        "inbox_items_unread_idx",
        "inbox_items",
        ["received_at"],
        unique=False,
        postgresql_where=sa.text("state = 'unread'"),
    )
    op.create_table(
        "issued_warnings",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("message_id", sa.UUID(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("identifier", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("exercise", sa.Boolean(), nullable=False),
        sa.Column("hazard", sa.Text(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("event_code", sa.Text(), nullable=True),
        sa.Column("colour", sa.Text(), nullable=True),
        sa.Column("sender_name", sa.Text(), nullable=True),
        sa.Column("headline", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("instruction", sa.Text(), nullable=True),
        sa.Column("area_names", sa.Text(), nullable=False),
        sa.Column("area_codes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("polygons", postgresql.JSONB(astext_type=sa.Text()), server_default="[]", nullable=False),
        sa.Column("circles", postgresql.JSONB(astext_type=sa.Text()), server_default="[]", nullable=False),
        sa.Column("references", postgresql.JSONB(astext_type=sa.Text()), server_default="[]", nullable=False),
        sa.Column("sent_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("valid_from", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("valid_to", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("received_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("replaces_id", sa.UUID(), nullable=True),
        sa.Column("matched_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("closed_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("stand_down_due", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.CheckConstraint(
            "colour IN ('blue', 'yellow', 'orange', 'red')", name=op.f("issued_warnings_colour_check")
        ),
        sa.CheckConstraint(
            "state IN ('received', 'held', 'ignored', 'matched', 'withdrawn', 'closed')",
            name=op.f("issued_warnings_state_check"),
        ),
        sa.ForeignKeyConstraint(
            ["message_id"], ["received_messages.id"], name=op.f("issued_warnings_message_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["replaces_id"], ["issued_warnings.id"], name=op.f("issued_warnings_replaces_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("issued_warnings_pkey")),
        sa.UniqueConstraint(
            "sender",
            "identifier",
            "content_sha256",
            name=op.f("issued_warnings_sender_identifier_content_sha256_key"),
        ),
        sa.UniqueConstraint(
            "sender", "identifier", "version", name=op.f("issued_warnings_sender_identifier_version_key")
        ),
    )
    op.create_index(
        "issued_warnings_reference_idx", "issued_warnings", ["reference", "received_at"], unique=False
    )
    op.create_index(
        "issued_warnings_stand_down_idx",
        "issued_warnings",
        ["id"],
        unique=False,
        postgresql_where="stand_down_due",
    )
    op.create_index(
        "issued_warnings_working_idx",
        "issued_warnings",
        ["received_at"],
        unique=False,
        postgresql_where=sa.text("state IN ('received', 'held', 'matched')"),
    )
    op.create_table(
        "posts",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("area_code", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("tier", sa.Text(), nullable=False),
        sa.Column("hazards", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("holder_id", sa.UUID(), nullable=True),
        sa.Column("deputy_id", sa.UUID(), nullable=True),
        sa.Column("superior_id", sa.UUID(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("demonstration", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.CheckConstraint("level IN ('county', 'township', 'village')", name=op.f("posts_level_check")),
        sa.ForeignKeyConstraint(["area_code"], ["areas.code"], name=op.f("posts_area_code_fkey")),
        sa.ForeignKeyConstraint(["deputy_id"], ["contacts.id"], name=op.f("posts_deputy_id_fkey")),
        sa.ForeignKeyConstraint(["holder_id"], ["contacts.id"], name=op.f("posts_holder_id_fkey")),
        sa.ForeignKeyConstraint(["superior_id"], ["contacts.id"], name=op.f("posts_superior_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("posts_pkey")),
    )
    op.create_index(
        "posts_area_prefix_idx",
        "posts",
        ["area_code"],
        unique=False,
        postgresql_ops={"area_code": "text_pattern_ops"},
    )
    op.create_index(op.f("posts_holder_id_idx"), "posts", ["holder_id"], unique=False)
    op.create_table(
        "user_sessions",
        sa.Column("token_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("user_id", sa.UUID(), nullable=False),
        sa.Column("csrf_token", sa.Text(), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("expires_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("user_sessions_user_id_fkey")),
        sa.PrimaryKeyConstraint("token_sha256", name=op.f("user_sessions_pkey")),
    )
    op.create_table(
        "alarms",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("warning_id", sa.UUID(), nullable=True),
        sa.Column("contact_id", sa.UUID(), nullable=True),
        sa.Column("inbox_item_id", sa.UUID(), nullable=True),
        sa.Column("raised_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("cleared_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("cleared_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.id"], name=op.f("alarms_contact_id_fkey")),
        sa.ForeignKeyConstraint(
            ["inbox_item_id"], ["inbox_items.id"], name=op.f("alarms_inbox_item_id_fkey")
        ),
        sa.ForeignKeyConstraint(["warning_id"], ["issued_warnings.id"], name=op.f("alarms_warning_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("alarms_pkey")),
    )
    op.create_index(
        "alarms_open_idx",
        "alarms",
        ["raised_at"],
        unique=False,
        postgresql_where=sa.text("cleared_at IS NULL"),
    )
    op.create_index(op.f("alarms_warning_id_idx"), "alarms", ["warning_id"], unique=False)
    op.create_table(
        "call_outs",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("warning_id", sa.UUID(), nullable=False),
        sa.Column("contact_id", sa.UUID(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("priority", sa.SmallInteger(), nullable=False),
        sa.Column("channels", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("tries", sa.SmallInteger(), nullable=False),
        sa.Column("gap_s", sa.Integer(), nullable=False),
        sa.Column("round", sa.SmallInteger(), nullable=False),
        sa.Column("next_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("matched_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("answered_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("answered_how", sa.Text(), nullable=True),
        sa.Column("late", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("ended_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state = 'open') = (next_at IS NOT NULL)", name=op.f("call_outs_open_has_next_moment_check")
        ),
        sa.CheckConstraint(
            "state IN ('open', 'answered', 'declined', 'exhausted', 'withdrawn')",
            name=op.f("call_outs_state_check"),
        ),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.id"], name=op.f("call_outs_contact_id_fkey")),
        sa.ForeignKeyConstraint(
            ["warning_id"], ["issued_warnings.id"], name=op.f("call_outs_warning_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("call_outs_pkey")),
        sa.UniqueConstraint("warning_id", "contact_id", name=op.f("call_outs_warning_id_contact_id_key")),
    )
    op.create_index(op.f("call_outs_contact_id_idx"), "call_outs", ["contact_id"], unique=False)
    op.create_index(
        "call_outs_due_idx",
        "call_outs",
        ["next_at"],
        unique=False,
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "frozen_ladders",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("warning_id", sa.UUID(), nullable=False),
        sa.Column("tier", sa.Text(), nullable=False),
        sa.Column("body", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(
            ["warning_id"], ["issued_warnings.id"], name=op.f("frozen_ladders_warning_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("frozen_ladders_pkey")),
        sa.UniqueConstraint("warning_id", "tier", name=op.f("frozen_ladders_warning_id_tier_key")),
    )
    op.create_index(op.f("frozen_ladders_warning_id_idx"), "frozen_ladders", ["warning_id"], unique=False)
    op.create_table(
        "shifts",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("desk_id", sa.UUID(), nullable=False),
        sa.Column("starts_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("ends_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("officer_id", sa.UUID(), nullable=False),
        sa.Column("leader_id", sa.UUID(), nullable=True),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("shifts_forward_check")),
        sa.ForeignKeyConstraint(["desk_id"], ["desks.id"], name=op.f("shifts_desk_id_fkey")),
        sa.ForeignKeyConstraint(["leader_id"], ["contacts.id"], name=op.f("shifts_leader_id_fkey")),
        sa.ForeignKeyConstraint(["officer_id"], ["contacts.id"], name=op.f("shifts_officer_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("shifts_pkey")),
        sa.UniqueConstraint("desk_id", "starts_at", name=op.f("shifts_desk_id_starts_at_key")),
    )
    op.create_table(
        "answers",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("warning_id", sa.UUID(), nullable=False),
        sa.Column("call_out_id", sa.UUID(), nullable=False),
        sa.Column("contact_id", sa.UUID(), nullable=False),
        sa.Column("how", sa.Text(), nullable=False),
        sa.Column("meaning", sa.Text(), nullable=False),
        sa.Column("said", sa.Text(), nullable=True),
        sa.Column("at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("inbox_item_id", sa.UUID(), nullable=True),
        sa.Column("by_user", sa.Text(), nullable=True),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("shared_number", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.ForeignKeyConstraint(["call_out_id"], ["call_outs.id"], name=op.f("answers_call_out_id_fkey")),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.id"], name=op.f("answers_contact_id_fkey")),
        sa.ForeignKeyConstraint(
            ["inbox_item_id"], ["inbox_items.id"], name=op.f("answers_inbox_item_id_fkey")
        ),
        sa.ForeignKeyConstraint(["warning_id"], ["issued_warnings.id"], name=op.f("answers_warning_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("answers_pkey")),
        sa.UniqueConstraint(
            "call_out_id", "inbox_item_id", name=op.f("answers_call_out_id_inbox_item_id_key")
        ),
    )
    op.create_index(op.f("answers_call_out_id_idx"), "answers", ["call_out_id"], unique=False)
    op.create_index(op.f("answers_warning_id_idx"), "answers", ["warning_id"], unique=False)
    op.create_table(
        "attempts",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("warning_id", sa.UUID(), nullable=True),
        sa.Column("call_out_id", sa.UUID(), nullable=True),
        sa.Column("contact_id", sa.UUID(), nullable=True),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("gateway", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("parts", sa.SmallInteger(), nullable=False),
        sa.Column("demonstration", sa.Boolean(), nullable=False),
        sa.Column("exercise", sa.Boolean(), nullable=False),
        sa.Column("priority", sa.SmallInteger(), nullable=False),
        sa.Column("round", sa.SmallInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("due_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("expires_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("previous_id", sa.UUID(), nullable=True),
        sa.Column("worker_id", sa.UUID(), nullable=True),
        sa.Column("claimed_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("lease_until", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("looks", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("carrier_ref", sa.Text(), nullable=True),
        sa.Column("outcome_code", sa.Text(), nullable=True),
        sa.Column("outcome_text", sa.Text(), nullable=True),
        sa.Column("refused_scope", sa.Text(), nullable=True),
        sa.Column("accepted_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("report_by", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("ended_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state = 'sending') = (lease_until IS NOT NULL)", name=op.f("attempts_sending_has_lease_check")
        ),
        sa.CheckConstraint("channel IN ('sms', 'voice')", name=op.f("attempts_channel_check")),
        sa.CheckConstraint(
            "gateway = 'simulator' OR NOT demonstration",
            name=op.f("attempts_demonstration_is_simulated_check"),
        ),
        sa.CheckConstraint(
            "purpose <> 'call' OR call_out_id IS NOT NULL", name=op.f("attempts_call_has_call_out_check")
        ),
        sa.CheckConstraint("purpose IN ('call', 'stand_down', 'reply')", name=op.f("attempts_purpose_check")),
        sa.CheckConstraint(
            "state IN ('due', 'sending', 'accepted', 'delivered', 'answered', 'failed', 'lost', 'withdrawn')",
            name=op.f("attempts_state_check"),
        ),
        sa.ForeignKeyConstraint(["call_out_id"], ["call_outs.id"], name=op.f("attempts_call_out_id_fkey")),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.id"], name=op.f("attempts_contact_id_fkey")),
        sa.ForeignKeyConstraint(["previous_id"], ["attempts.id"], name=op.f("attempts_previous_id_fkey")),
        sa.ForeignKeyConstraint(
            ["warning_id"], ["issued_warnings.id"], name=op.f("attempts_warning_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("attempts_pkey")),
        sa.UniqueConstraint("gateway", "carrier_ref", name=op.f("attempts_gateway_carrier_ref_key")),
    )
    op.create_index(op.f("attempts_call_out_id_idx"), "attempts", ["call_out_id"], unique=False)
    op.create_index(
        "attempts_due_idx",
        "attempts",
        ["gateway", "channel", "priority", "due_at"],
        unique=False,
        postgresql_where=sa.text("state = 'due'"),
    )
    op.create_index(
        "attempts_in_flight_idx",
        "attempts",
        ["gateway", "channel", "state"],
        unique=False,
        postgresql_where=sa.text("state IN ('sending', 'accepted')"),
    )
    op.create_index("attempts_number_idx", "attempts", ["number", "accepted_at"], unique=False)
    op.create_index(
        "attempts_once_a_round_idx",
        "attempts",
        ["call_out_id", "channel", "round", "previous_id"],
        unique=True,
        postgresql_nulls_not_distinct=True,
        postgresql_where=sa.text("purpose = 'call'"),
    )
    op.create_table(
        "feedback",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("warning_id", sa.UUID(), nullable=False),
        sa.Column("call_out_id", sa.UUID(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("households", sa.Integer(), nullable=True),
        sa.Column("people", sa.Integer(), nullable=True),
        sa.Column("said", sa.Text(), nullable=True),
        sa.Column("at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("inbox_item_id", sa.UUID(), nullable=True),
        sa.ForeignKeyConstraint(["call_out_id"], ["call_outs.id"], name=op.f("feedback_call_out_id_fkey")),
        sa.ForeignKeyConstraint(
            ["inbox_item_id"], ["inbox_items.id"], name=op.f("feedback_inbox_item_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["warning_id"], ["issued_warnings.id"], name=op.f("feedback_warning_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("feedback_pkey")),
    )
    op.create_index(op.f("feedback_call_out_id_idx"), "feedback", ["call_out_id"], unique=False)
    op.create_index(op.f("feedback_warning_id_idx"), "feedback", ["warning_id"], unique=False)
    op.create_table(
        "responsibilities",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("warning_id", sa.UUID(), nullable=False),
        sa.Column("post_id", sa.UUID(), nullable=True),
        sa.Column("desk_id", sa.UUID(), nullable=True),
        sa.Column("area_code", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("ladder_id", sa.UUID(), nullable=False),
        sa.Column("why", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("rung", sa.SmallInteger(), nullable=False),
        sa.Column("rung_began_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("wait_from", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("next_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("deadline_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("listed_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("ended_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state <> 'open' OR next_at IS NOT NULL", name=op.f("responsibilities_open_has_next_moment_check")
        ),
        sa.CheckConstraint(
            "state IN ('open', 'covered', 'uncovered', 'withdrawn')",
            name=op.f("responsibilities_state_check"),
        ),
        sa.CheckConstraint(
            "(post_id IS NULL) <> (desk_id IS NULL)", name=op.f("responsibilities_post_or_desk_check")
        ),
        sa.ForeignKeyConstraint(["area_code"], ["areas.code"], name=op.f("responsibilities_area_code_fkey")),
        sa.ForeignKeyConstraint(["desk_id"], ["desks.id"], name=op.f("responsibilities_desk_id_fkey")),
        sa.ForeignKeyConstraint(
            ["ladder_id"], ["frozen_ladders.id"], name=op.f("responsibilities_ladder_id_fkey")
        ),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("responsibilities_post_id_fkey")),
        sa.ForeignKeyConstraint(
            ["warning_id"], ["issued_warnings.id"], name=op.f("responsibilities_warning_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("responsibilities_pkey")),
        sa.UniqueConstraint("warning_id", "desk_id", name=op.f("responsibilities_warning_id_desk_id_key")),
        sa.UniqueConstraint(
            "warning_id",
            "post_id",
            "area_code",
            name=op.f("responsibilities_warning_id_post_id_area_code_key"),
        ),
    )
    op.create_index(
        "responsibilities_due_idx",
        "responsibilities",
        ["next_at"],
        unique=False,
        postgresql_where=sa.text("next_at IS NOT NULL"),
    )
    op.create_table(
        "call_out_roles",
        sa.Column("call_out_id", sa.UUID(), nullable=False),
        sa.Column("responsibility_id", sa.UUID(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("rung", sa.SmallInteger(), nullable=False),
        sa.Column("since", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.CheckConstraint(
            "role IN ('holder', 'deputy', 'desk', 'leader', 'superior')",
            name=op.f("call_out_roles_role_check"),
        ),
        sa.ForeignKeyConstraint(
            ["call_out_id"], ["call_outs.id"], name=op.f("call_out_roles_call_out_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["responsibility_id"], ["responsibilities.id"], name=op.f("call_out_roles_responsibility_id_fkey")
        ),
        sa.UniqueConstraint(
            "call_out_id",
            "responsibility_id",
            "role",
            name=op.f("call_out_roles_call_out_id_responsibility_id_role_key"),
        ),
    )
    op.create_index(
        op.f("call_out_roles_responsibility_id_idx"), "call_out_roles", ["responsibility_id"], unique=False
    )


def downgrade() -> None:
    op.drop_table("call_out_roles")
    op.drop_table("responsibilities")
    op.drop_table("feedback")
    op.drop_table("attempts")
    op.drop_table("answers")
    op.drop_table("shifts")
    op.drop_table("frozen_ladders")
    op.drop_table("call_outs")
    op.drop_table("alarms")
    op.drop_table("user_sessions")
    op.drop_table("posts")
    op.drop_table("issued_warnings")
    op.drop_table("inbox_items")
    op.drop_table("desks")
    op.drop_table("contact_numbers")
    op.drop_table("area_shapes")
    op.drop_table("workers")
    op.drop_table("users")
    op.drop_table("received_messages")
    op.drop_table("ledger_seals")
    op.drop_table("ledger_particulars")
    op.drop_table("ledger_lines")
    op.drop_table("ladders")
    op.drop_table("contacts")
    op.drop_table("clock_anchor")
    op.drop_table("areas")
    op.drop_table("api_tokens")
