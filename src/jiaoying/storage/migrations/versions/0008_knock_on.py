"""Knock-on: door-knock tasks, channels in turn, stepped ladders, people who are replaced."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

Moment = postgresql.TIMESTAMP(timezone=True)
ROLES = "'holder', 'deputy', 'desk', 'leader', 'superior'"


def upgrade() -> None:
    op.add_column("responsibilities", sa.Column("turn_at", Moment, nullable=True))
    op.create_index(
        "responsibilities_waiting_idx",
        "responsibilities",
        ["warning_id"],
        unique=False,
        postgresql_where=sa.text("turn_at IS NOT NULL AND rung = -1"),
    )
    op.add_column(
        "call_outs", sa.Column("in_turn", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    )
    op.add_column("call_outs", sa.Column("kind", sa.Text(), server_default="call", nullable=False))
    op.create_check_constraint(op.f("call_outs_kind_check"), "call_outs", "kind IN ('call', 'door')")
    op.add_column("call_out_roles", sa.Column("ended_at", Moment, nullable=True))
    op.drop_constraint(op.f("call_out_roles_role_check"), "call_out_roles")
    op.create_check_constraint(
        op.f("call_out_roles_role_check"), "call_out_roles", f"role IN ({ROLES}, 'door', 'post', 'person')"
    )
    op.create_table(
        "door_tasks",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("responsibility_id", sa.UUID(), nullable=False),
        sa.Column("sleeper_id", sa.UUID(), nullable=False),
        sa.Column("call_out_id", sa.UUID(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("assigned_at", Moment, nullable=False),
        sa.Column("assigned_by", sa.Text(), nullable=False),
        sa.Column("taken_at", Moment, nullable=True),
        sa.Column("due_at", Moment, nullable=True),
        sa.Column("next_at", Moment, nullable=True),
        sa.Column("asked_at", Moment, nullable=True),
        sa.Column("ended_at", Moment, nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.Column("said", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "state IN ('open', 'taken', 'done', 'failed', 'withdrawn')", name=op.f("door_tasks_state_check")
        ),
        sa.CheckConstraint(
            "(state IN ('open', 'taken')) = (next_at IS NOT NULL)",
            name=op.f("door_tasks_open_has_next_moment_check"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('failed', 'withdrawn') OR reason IS NOT NULL",
            name=op.f("door_tasks_ended_has_reason_check"),
        ),
        sa.ForeignKeyConstraint(["call_out_id"], ["call_outs.id"], name=op.f("door_tasks_call_out_id_fkey")),
        sa.ForeignKeyConstraint(
            ["responsibility_id"], ["responsibilities.id"], name=op.f("door_tasks_responsibility_id_fkey")
        ),
        sa.ForeignKeyConstraint(["sleeper_id"], ["call_outs.id"], name=op.f("door_tasks_sleeper_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("door_tasks_pkey")),
        sa.UniqueConstraint(
            "responsibility_id",
            "sleeper_id",
            "call_out_id",
            name=op.f("door_tasks_responsibility_id_sleeper_id_call_out_id_key"),
        ),
    )
    for column in ("responsibility_id", "sleeper_id", "call_out_id"):
        op.create_index(op.f(f"door_tasks_{column}_idx"), "door_tasks", [column], unique=False)


def downgrade() -> None:
    op.drop_table("door_tasks")
    op.execute("DELETE FROM call_out_roles WHERE role IN ('door', 'post', 'person')")
    op.drop_constraint(op.f("call_out_roles_role_check"), "call_out_roles")
    op.create_check_constraint(op.f("call_out_roles_role_check"), "call_out_roles", f"role IN ({ROLES})")
    op.drop_column("call_out_roles", "ended_at")
    op.drop_constraint(op.f("call_outs_kind_check"), "call_outs")
    op.drop_column("call_outs", "kind")
    op.drop_column("call_outs", "in_turn")
    op.drop_index("responsibilities_waiting_idx", table_name="responsibilities")
    op.drop_column("responsibilities", "turn_at")
