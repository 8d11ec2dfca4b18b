"""Who came to a shift, how one shift hands over to the next, and deputies of a desk."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

Moment = postgresql.TIMESTAMP(timezone=True)


def upgrade() -> None:
    """Add what the tables need."""
    op.create_index("shifts_ends_at_idx", "shifts", ["ends_at"], unique=False)
    _watches()
    _handovers()
    _roles_of_members("'officer', 'leader', 'deputy'")


def _roles_of_members(roles: str) -> None:
    op.drop_constraint(op.f("desk_members_role_check"), "desk_members")
    op.create_check_constraint(op.f("desk_members_role_check"), "desk_members", f"role IN ({roles})")


def _watches() -> None:
    op.create_table(
        "shift_watches",
        sa.Column("shift_id", sa.UUID(), nullable=False),
        sa.Column("desk_id", sa.UUID(), nullable=False),
        sa.Column("call_id", sa.UUID(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("asked_at", Moment, nullable=False),
        sa.Column("next_at", Moment, nullable=True),
        sa.CheckConstraint(
            "state IN ('asked', 'missed', 'manned', 'over')", name=op.f("shift_watches_state_check")
        ),
        sa.CheckConstraint(
            "(state IN ('asked', 'missed')) = (next_at IS NOT NULL)",
            name=op.f("shift_watches_open_has_next_moment_check"),
        ),
        sa.ForeignKeyConstraint(["call_id"], ["issued_warnings.id"], name=op.f("shift_watches_call_id_fkey")),
        sa.ForeignKeyConstraint(["desk_id"], ["desks.id"], name=op.f("shift_watches_desk_id_fkey")),
        sa.ForeignKeyConstraint(["shift_id"], ["shifts.id"], name=op.f("shift_watches_shift_id_fkey")),
        sa.PrimaryKeyConstraint("shift_id", name=op.f("shift_watches_pkey")),
    )
    op.create_index(
        "shift_watches_due_idx",
        "shift_watches",
        ["next_at"],
        unique=False,
        postgresql_where=sa.text("next_at IS NOT NULL"),
    )
    op.create_table(
        "sign_ons",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("shift_id", sa.UUID(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("person_id", sa.UUID(), nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("how", sa.Text(), nullable=False),
        sa.Column("noted_by", sa.Text(), nullable=False),
        sa.CheckConstraint("role IN ('officer', 'second', 'leader')", name=op.f("sign_ons_role_check")),
        sa.ForeignKeyConstraint(["person_id"], ["contacts.id"], name=op.f("sign_ons_person_id_fkey")),
        sa.ForeignKeyConstraint(["shift_id"], ["shifts.id"], name=op.f("sign_ons_shift_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("sign_ons_pkey")),
        sa.UniqueConstraint("shift_id", "person_id", name=op.f("sign_ons_shift_id_person_id_key")),
    )
    op.create_index(op.f("sign_ons_person_id_idx"), "sign_ons", ["person_id"], unique=False)


def _handovers() -> None:
    op.create_table(
        "handovers",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("desk_id", sa.UUID(), nullable=False),
        sa.Column("shift_id", sa.UUID(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("opened_at", Moment, nullable=False),
        sa.Column("next_at", Moment, nullable=True),
        sa.Column("handed_person_id", sa.UUID(), nullable=True),
        sa.Column("handed_at", Moment, nullable=True),
        sa.Column("handed_by", sa.Text(), nullable=True),
        sa.Column("refused_reason", sa.Text(), nullable=True),
        sa.Column("taken_person_id", sa.UUID(), nullable=True),
        sa.Column("taken_at", Moment, nullable=True),
        sa.Column("taken_by", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "state IN ('open', 'handed', 'refused', 'taken', 'continued', 'lapsed')",
            name=op.f("handovers_state_check"),
        ),
        sa.CheckConstraint(
            "(state IN ('taken', 'continued', 'lapsed')) = (next_at IS NULL)",
            name=op.f("handovers_open_has_next_moment_check"),
        ),
        sa.CheckConstraint(
            "state <> 'handed' OR handed_at IS NOT NULL", name=op.f("handovers_handed_is_signed_check")
        ),
        sa.CheckConstraint(
            "state <> 'taken' OR (taken_at IS NOT NULL AND handed_at IS NOT NULL)",
            name=op.f("handovers_taken_is_signed_check"),
        ),
        sa.CheckConstraint("taken_person_id <> handed_person_id", name=op.f("handovers_two_persons_check")),
        sa.ForeignKeyConstraint(["desk_id"], ["desks.id"], name=op.f("handovers_desk_id_fkey")),
        sa.ForeignKeyConstraint(
            ["handed_person_id"], ["contacts.id"], name=op.f("handovers_handed_person_id_fkey")
        ),
        sa.ForeignKeyConstraint(["shift_id"], ["shifts.id"], name=op.f("handovers_shift_id_fkey")),
        sa.ForeignKeyConstraint(
            ["taken_person_id"], ["contacts.id"], name=op.f("handovers_taken_person_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("handovers_pkey")),
        sa.UniqueConstraint("shift_id", name=op.f("handovers_shift_id_key")),
    )
    op.create_index(op.f("handovers_desk_id_idx"), "handovers", ["desk_id"], unique=False)
    op.create_index(
        "handovers_due_idx",
        "handovers",
        ["next_at"],
        unique=False,
        postgresql_where=sa.text("next_at IS NOT NULL"),
    )
    op.create_table(
        "handover_items",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("handover_id", sa.UUID(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("page", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("made_at", Moment, nullable=False),
        sa.Column("decided_at", Moment, nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "state IN ('open', 'accepted', 'refused', 'settled')", name=op.f("handover_items_state_check")
        ),
        sa.ForeignKeyConstraint(
            ["handover_id"], ["handovers.id"], name=op.f("handover_items_handover_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("handover_items_pkey")),
        sa.UniqueConstraint("handover_id", "key", name=op.f("handover_items_handover_id_key_key")),
    )


def downgrade() -> None:
    """Take it away again."""
    op.drop_index("shifts_ends_at_idx", "shifts")
    for table in ("handover_items", "handovers", "sign_ons", "shift_watches"):
        op.drop_table(table)
    op.execute("DELETE FROM desk_members WHERE role = 'deputy'")
    _roles_of_members("'officer', 'leader'")
