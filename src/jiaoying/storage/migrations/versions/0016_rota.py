"""The rota: a second officer, changes, swaps that wait, leave, gaps that are meant, sensitive days."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

Moment = postgresql.TIMESTAMP(timezone=True)
# Everybody who stands somewhere, as planned or instead.
_SEATS = """
    CREATE VIEW rota_seats AS
        SELECT shifts.id AS shift_id, desk_id, seat.person_id, starts_at, ends_at
        FROM shifts CROSS JOIN LATERAL unnest(ARRAY[officer_id, second_id, leader_id]) AS seat (person_id)
        WHERE seat.person_id IS NOT NULL
        UNION ALL
        SELECT shift_id, desk_id, person_id, changed.starts_at, changed.ends_at
        FROM shift_changes AS changed JOIN shifts ON shifts.id = shift_id
        WHERE undone_at IS NULL
"""


def upgrade() -> None:
    """Add what the tables need."""
    op.add_column("desks", sa.Column("plan", postgresql.JSONB(), nullable=True))
    op.add_column("shifts", sa.Column("second_id", sa.UUID(), nullable=True))
    op.create_foreign_key(op.f("shifts_second_id_fkey"), "shifts", "contacts", ["second_id"], ["id"])
    op.add_column("shifts", sa.Column("name", sa.Text(), server_default="", nullable=False))
    op.add_column(
        "shifts", sa.Column("replanned", postgresql.ARRAY(Moment), server_default="{}", nullable=False)
    )
    _members()
    _changes()
    _swap_requests()
    _leaves()
    _days()
    op.execute(_SEATS)


def _members() -> None:
    op.create_table(
        "desk_members",
        sa.Column("desk_id", sa.UUID(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("person_id", sa.UUID(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.CheckConstraint("role IN ('officer', 'leader')", name=op.f("desk_members_role_check")),
        sa.ForeignKeyConstraint(["desk_id"], ["desks.id"], name=op.f("desk_members_desk_id_fkey")),
        sa.ForeignKeyConstraint(["person_id"], ["contacts.id"], name=op.f("desk_members_person_id_fkey")),
        sa.PrimaryKeyConstraint("desk_id", "role", "person_id", name=op.f("desk_members_pkey")),
    )
    op.create_index(op.f("desk_members_person_id_idx"), "desk_members", ["person_id"], unique=False)


def _changes() -> None:
    op.create_table(
        "shift_changes",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("shift_id", sa.UUID(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("person_id", sa.UUID(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("starts_at", Moment, nullable=False),
        sa.Column("ends_at", Moment, nullable=False),
        sa.Column("made_at", Moment, nullable=False),
        sa.Column("pair_id", sa.UUID(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("undone_at", Moment, nullable=True),
        sa.Column("undone_by", sa.Text(), nullable=True),
        sa.CheckConstraint("role IN ('officer', 'second', 'leader')", name=op.f("shift_changes_role_check")),
        sa.CheckConstraint(
            "kind IN ('override', 'swap', 'leave', 'takeover')", name=op.f("shift_changes_kind_check")
        ),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("shift_changes_forward_check")),
        sa.CheckConstraint(
            "(undone_at IS NULL) = (undone_by IS NULL)", name=op.f("shift_changes_undone_by_somebody_check")
        ),
        sa.CheckConstraint(
            "(kind = 'swap') = (pair_id IS NOT NULL)", name=op.f("shift_changes_swap_is_a_pair_check")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["contacts.id"], name=op.f("shift_changes_person_id_fkey")),
        sa.ForeignKeyConstraint(["shift_id"], ["shifts.id"], name=op.f("shift_changes_shift_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("shift_changes_pkey")),
    )
    for column in ("shift_id", "person_id", "pair_id"):
        op.create_index(op.f(f"shift_changes_{column}_idx"), "shift_changes", [column], unique=False)


def _swap_requests() -> None:
    op.create_table(
        "swap_requests",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("one_shift_id", sa.UUID(), nullable=False),
        sa.Column("one_role", sa.Text(), nullable=False),
        sa.Column("other_shift_id", sa.UUID(), nullable=False),
        sa.Column("other_role", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("asked_at", Moment, nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("decided_at", Moment, nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("pair_id", sa.UUID(), nullable=True),
        sa.CheckConstraint(
            "state IN ('asked', 'agreed', 'refused', 'withdrawn')", name=op.f("swap_requests_state_check")
        ),
        sa.CheckConstraint(
            "(state = 'asked') = (decided_at IS NULL)", name=op.f("swap_requests_decided_has_moment_check")
        ),
        sa.CheckConstraint(
            "(decided_at IS NULL) = (decided_by IS NULL)",
            name=op.f("swap_requests_decided_by_somebody_check"),
        ),
        sa.CheckConstraint(
            "decided_by IS NULL OR state <> 'agreed' OR decided_by <> asked_by",
            name=op.f("swap_requests_two_persons_check"),
        ),
        sa.CheckConstraint(
            "(state = 'agreed') = (pair_id IS NOT NULL)", name=op.f("swap_requests_agreed_has_changes_check")
        ),
        sa.ForeignKeyConstraint(
            ["one_shift_id"], ["shifts.id"], name=op.f("swap_requests_one_shift_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["other_shift_id"], ["shifts.id"], name=op.f("swap_requests_other_shift_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("swap_requests_pkey")),
    )


def _leaves() -> None:
    op.create_table(
        "leaves",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("person_id", sa.UUID(), nullable=False),
        sa.Column("starts_at", Moment, nullable=False),
        sa.Column("ends_at", Moment, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("made_at", Moment, nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("ended_at", Moment, nullable=True),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("leaves_forward_check")),
        sa.ForeignKeyConstraint(["person_id"], ["contacts.id"], name=op.f("leaves_person_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("leaves_pkey")),
    )
    op.create_index(op.f("leaves_person_id_idx"), "leaves", ["person_id"], unique=False)


def _days() -> None:
    op.create_table(
        "meant_gaps",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("desk_id", sa.UUID(), nullable=False),
        sa.Column("starts_at", Moment, nullable=False),
        sa.Column("ends_at", Moment, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("made_at", Moment, nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("ended_at", Moment, nullable=True),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("meant_gaps_forward_check")),
        sa.ForeignKeyConstraint(["desk_id"], ["desks.id"], name=op.f("meant_gaps_desk_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("meant_gaps_pkey")),
    )
    op.create_index(op.f("meant_gaps_desk_id_idx"), "meant_gaps", ["desk_id"], unique=False)
    op.create_table(
        "sensitive_days",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("made_at", Moment, nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("ended_at", Moment, nullable=True),
        sa.CheckConstraint("last >= first", name=op.f("sensitive_days_forward_check")),
        sa.PrimaryKeyConstraint("id", name=op.f("sensitive_days_pkey")),
    )


def downgrade() -> None:
    """Take it away again."""
    op.execute("DROP VIEW rota_seats")
    for table in ("sensitive_days", "meant_gaps", "leaves", "swap_requests", "shift_changes", "desk_members"):
        op.drop_table(table)
    op.drop_column("shifts", "replanned")
    op.drop_column("shifts", "name")
    op.drop_constraint(op.f("shifts_second_id_fkey"), "shifts")
    op.drop_column("shifts", "second_id")
    op.drop_column("desks", "plan")
