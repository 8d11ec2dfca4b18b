"""Files with entries of the duty log, and consultations."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_KIND, _FIELDS = "log_entries_kind_check", "log_entries_consultation_has_its_fields_check"
_TEXTS = ("place", "host", "units", "decision")


def upgrade() -> None:
    """Add what the tables need."""
    for name in _TEXTS:
        op.add_column("log_entries", sa.Column(name, sa.Text(), server_default="", nullable=False))
    op.add_column("log_entries", sa.Column("warning_id", sa.UUID()))
    op.create_foreign_key(
        op.f("log_entries_warning_id_fkey"), "log_entries", "issued_warnings", ["warning_id"], ["id"]
    )
    op.drop_constraint(op.f(_KIND), "log_entries", type_="check")
    op.create_check_constraint(
        op.f(_KIND),
        "log_entries",
        "kind IN ('call_in', 'call_out', 'letter', 'instruction', 'patrol', 'weather', 'consultation',"
        " 'other')",
    )
    op.create_check_constraint(
        op.f(_FIELDS),
        "log_entries",
        "CASE WHEN kind = 'consultation' THEN place <> '' AND host <> '' AND units <> ''"
        " ELSE place || host || units || decision = '' AND warning_id IS NULL END",
    )
    op.create_index(
        "log_entries_consultations_idx",
        "log_entries",
        ["warning_id"],
        postgresql_where=sa.text("kind = 'consultation'"),
    )
    op.create_table(
        "log_files",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("first_id", sa.UUID(), nullable=False),
        sa.Column("added_with", sa.UUID(), nullable=False),
        sa.Column("struck_with", sa.UUID()),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("body", sa.LargeBinary()),
        sa.CheckConstraint("added_with <> struck_with", name=op.f("log_files_struck_later_check")),
        *(
            sa.ForeignKeyConstraint([name], ["log_entries.id"], name=op.f(f"log_files_{name}_fkey"))
            for name in ("first_id", "added_with", "struck_with")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("log_files_pkey")),
    )
    op.create_index(op.f("log_files_first_id_idx"), "log_files", ["first_id"])
    op.create_index(
        "log_files_once_idx",
        "log_files",
        ["first_id", "sha256"],
        unique=True,
        postgresql_where=sa.text("struck_with IS NULL"),
    )


def downgrade() -> None:
    """Take it away again; consultations become entries of another kind."""
    op.drop_table("log_files")
    op.drop_index("log_entries_consultations_idx", table_name="log_entries")
    op.drop_constraint(op.f(_FIELDS), "log_entries", type_="check")
    op.execute("UPDATE log_entries SET kind = 'other' WHERE kind = 'consultation'")
    op.drop_constraint(op.f(_KIND), "log_entries", type_="check")
    op.create_check_constraint(
        op.f(_KIND),
        "log_entries",
        "kind IN ('call_in', 'call_out', 'letter', 'instruction', 'patrol', 'weather', 'other')",
    )
    op.drop_constraint(op.f("log_entries_warning_id_fkey"), "log_entries", type_="foreignkey")
    for name in ("warning_id", *_TEXTS):
        op.drop_column("log_entries", name)
