"""Responses (应急响应), their tasks, and the plans that they are opened by."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

Moment = postgresql.TIMESTAMP(timezone=True)


def upgrade() -> None:
    op.create_table(
        "response_plans",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("body", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", Moment, nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("response_plans_pkey")),
        sa.UniqueConstraint("version", name=op.f("response_plans_version_key")),
    )
    op.create_table(
        "responses",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("warning_id", sa.UUID(), nullable=False),
        sa.Column("by_hand", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("plan_version", sa.Integer(), nullable=True),
        sa.Column("area_names", sa.Text(), nullable=False),
        sa.Column("exercise", sa.Boolean(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=True),
        sa.Column("asked_level", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("proposed_at", Moment, nullable=False),
        sa.Column("opened_at", Moment, nullable=True),
        sa.Column("opened_by", sa.Text(), nullable=True),
        sa.Column("changed_at", Moment, nullable=False),
        sa.Column("ended_at", Moment, nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.Column("next_at", Moment, nullable=True),
        sa.CheckConstraint(
            "(state = 'ended') = (next_at IS NULL)", name=op.f("responses_going_on_has_next_moment_check")
        ),
        sa.CheckConstraint(
            "asked_level IN ('I', 'II', 'III', 'IV')", name=op.f("responses_asked_level_check")
        ),
        sa.CheckConstraint("level IN ('I', 'II', 'III', 'IV')", name=op.f("responses_level_check")),
        sa.CheckConstraint(
            "state <> 'running' OR level IS NOT NULL", name=op.f("responses_running_has_level_check")
        ),
        sa.CheckConstraint("state IN ('proposed', 'running', 'ended')", name=op.f("responses_state_check")),
        sa.ForeignKeyConstraint(
            ["warning_id"], ["issued_warnings.id"], name=op.f("responses_warning_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("responses_pkey")),
    )
    op.create_index(
        "responses_due_idx",
        "responses",
        ["next_at"],
        unique=False,
        postgresql_where=sa.text("next_at IS NOT NULL"),
    )
    op.create_index(op.f("responses_warning_id_idx"), "responses", ["warning_id"], unique=False)
    op.create_table(
        "response_tasks",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("response_id", sa.UUID(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("order_text", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("area_code", sa.Text(), nullable=False),
        sa.Column("post_id", sa.UUID(), nullable=True),
        sa.Column("desk_id", sa.UUID(), nullable=True),
        sa.Column("evidence", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("team", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("ordered_by", sa.Text(), nullable=False),
        sa.Column("ordered_at", Moment, nullable=False),
        sa.Column("deadline_at", Moment, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("next_at", Moment, nullable=True),
        sa.Column("listed_at", Moment, nullable=True),
        sa.Column("reminders", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("taken_at", Moment, nullable=True),
        sa.Column("set_out_at", Moment, nullable=True),
        sa.Column("arrived_at", Moment, nullable=True),
        sa.Column("done_at", Moment, nullable=True),
        sa.Column("failed_at", Moment, nullable=True),
        sa.Column("lifted_at", Moment, nullable=True),
        sa.Column("restored_at", Moment, nullable=True),
        sa.Column("figures", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(state IN ('ordered', 'taken', 'set_out', 'arrived')) = (next_at IS NOT NULL)",
            name=op.f("response_tasks_open_has_next_moment_check"),
        ),
        sa.CheckConstraint(
            "state IN ('ordered', 'taken', 'set_out', 'arrived', 'done', 'failed', 'lifted', 'restored')",
            name=op.f("response_tasks_state_check"),
        ),
        sa.CheckConstraint(
            "post_id IS NULL OR desk_id IS NULL", name=op.f("response_tasks_one_addressee_check")
        ),
        sa.ForeignKeyConstraint(["area_code"], ["areas.code"], name=op.f("response_tasks_area_code_fkey")),
        sa.ForeignKeyConstraint(["desk_id"], ["desks.id"], name=op.f("response_tasks_desk_id_fkey")),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("response_tasks_post_id_fkey")),
        sa.ForeignKeyConstraint(
            ["response_id"], ["responses.id"], name=op.f("response_tasks_response_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("response_tasks_pkey")),
    )
    op.create_index(
        "response_tasks_due_idx",
        "response_tasks",
        ["next_at"],
        unique=False,
        postgresql_where=sa.text("next_at IS NOT NULL"),
    )
    op.create_index(
        "response_tasks_once_idx",
        "response_tasks",
        ["response_id", "key", "area_code", "post_id", "desk_id"],
        unique=True,
        postgresql_nulls_not_distinct=True,
        postgresql_where=sa.text("key != 'hand' AND lifted_at IS NULL"),
    )
    op.create_index(op.f("response_tasks_response_id_idx"), "response_tasks", ["response_id"], unique=False)
    op.create_table(
        "task_reports",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("task_id", sa.UUID(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("how", sa.Text(), nullable=False),
        sa.Column("figures", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("said", sa.Text(), nullable=True),
        sa.Column("at", Moment, nullable=False),
        sa.Column("contact_id", sa.UUID(), nullable=True),
        sa.Column("by_user", sa.Text(), nullable=True),
        sa.Column("inbox_item_id", sa.UUID(), nullable=True),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.id"], name=op.f("task_reports_contact_id_fkey")),
        sa.ForeignKeyConstraint(
            ["inbox_item_id"], ["inbox_items.id"], name=op.f("task_reports_inbox_item_id_fkey")
        ),
        sa.ForeignKeyConstraint(["task_id"], ["response_tasks.id"], name=op.f("task_reports_task_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("task_reports_pkey")),
    )
    op.create_index(op.f("task_reports_task_id_idx"), "task_reports", ["task_id"], unique=False)
    op.create_table(
        "response_wishes",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("response_id", sa.UUID(), nullable=False),
        sa.Column("task_id", sa.UUID(), nullable=True),
        sa.Column("wish", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("asked_at", Moment, nullable=False),
        sa.Column("done_at", Moment, nullable=True),
        sa.CheckConstraint("wish IN ('level', 'end', 'lift')", name=op.f("response_wishes_wish_check")),
        sa.CheckConstraint(
            "(wish = 'level') = (level IS NOT NULL)", name=op.f("response_wishes_level_is_named_check")
        ),
        sa.CheckConstraint(
            "(wish = 'lift') = (task_id IS NOT NULL)", name=op.f("response_wishes_task_is_named_check")
        ),
        sa.ForeignKeyConstraint(
            ["response_id"], ["responses.id"], name=op.f("response_wishes_response_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["task_id"], ["response_tasks.id"], name=op.f("response_wishes_task_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("response_wishes_pkey")),
    )
    op.create_index(
        "response_wishes_open_idx",
        "response_wishes",
        ["id"],
        unique=False,
        postgresql_where=sa.text("done_at IS NULL"),
    )
    op.add_column("responsibilities", sa.Column("task_id", sa.UUID(), nullable=True))
    op.drop_constraint(op.f("responsibilities_warning_id_desk_id_key"), "responsibilities", type_="unique")
    op.create_index(
        "responsibilities_warning_id_desk_id_key",
        "responsibilities",
        ["warning_id", "desk_id"],
        unique=True,
        postgresql_where=sa.text("task_id IS NULL"),
    )
    op.drop_constraint(
        op.f("responsibilities_warning_id_post_id_area_code_key"), "responsibilities", type_="unique"
    )
    op.create_index(
        "responsibilities_warning_id_post_id_area_code_key",
        "responsibilities",
        ["warning_id", "post_id", "area_code"],
        unique=True,
        postgresql_where=sa.text("task_id IS NULL"),
    )
    op.create_index(op.f("responsibilities_task_id_idx"), "responsibilities", ["task_id"], unique=False)
    op.create_index(
        "responsibilities_warning_id_task_id_key",
        "responsibilities",
        ["warning_id", "task_id"],
        unique=True,
        postgresql_where=sa.text("task_id IS NOT NULL"),
    )
    op.create_foreign_key(
        op.f("responsibilities_task_id_fkey"), "responsibilities", "response_tasks", ["task_id"], ["id"]
    )


def downgrade() -> None:
    op.drop_constraint(op.f("responsibilities_task_id_fkey"), "responsibilities", type_="foreignkey")
    op.drop_index(
        "responsibilities_warning_id_task_id_key",
        table_name="responsibilities",
        postgresql_where=sa.text("task_id IS NOT NULL"),
    )
    op.drop_index(op.f("responsibilities_task_id_idx"), table_name="responsibilities")
    op.drop_index(
        "responsibilities_warning_id_post_id_area_code_key",
        table_name="responsibilities",
        postgresql_where=sa.text("task_id IS NULL"),
    )
    op.create_unique_constraint(
        op.f("responsibilities_warning_id_post_id_area_code_key"),
        "responsibilities",
        ["warning_id", "post_id", "area_code"],
        postgresql_nulls_not_distinct=False,
    )
    op.drop_index(
        "responsibilities_warning_id_desk_id_key",
        table_name="responsibilities",
        postgresql_where=sa.text("task_id IS NULL"),
    )
    op.create_unique_constraint(
        op.f("responsibilities_warning_id_desk_id_key"),
        "responsibilities",
        ["warning_id", "desk_id"],
        postgresql_nulls_not_distinct=False,
    )
    op.drop_column("responsibilities", "task_id")
    op.drop_index(
        "response_wishes_open_idx",
        table_name="response_wishes",
        postgresql_where=sa.text("done_at IS NULL"),
    )
    op.drop_table("response_wishes")
    op.drop_index(op.f("task_reports_task_id_idx"), table_name="task_reports")
    op.drop_table("task_reports")
    op.drop_index(op.f("response_tasks_response_id_idx"), table_name="response_tasks")
    op.drop_index(
        "response_tasks_once_idx",
        table_name="response_tasks",
        postgresql_nulls_not_distinct=True,
        postgresql_where=sa.text("key != 'hand' AND lifted_at IS NULL"),
    )
    op.drop_index(
        "response_tasks_due_idx", table_name="response_tasks", postgresql_where=sa.text("next_at IS NOT NULL")
    )
    op.drop_table("response_tasks")
    op.drop_index(op.f("responses_warning_id_idx"), table_name="responses")
    op.drop_index(
        "responses_due_idx", table_name="responses", postgresql_where=sa.text("next_at IS NOT NULL")
    )
    op.drop_table("responses")
    op.drop_table("response_plans")
