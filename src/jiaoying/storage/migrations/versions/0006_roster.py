"""The roster complete: danger points, imports that can be undone, standing of numbers, changed areas."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

Moment = postgresql.TIMESTAMP(timezone=True)

# The one way in which the serving role can take something away from the ledger: particulars only, and only
# beside a line of the same transaction that says whose they were and how many (docs/adr/0027).
ERASE_PARTICULARS = """
    CREATE FUNCTION erase_particulars(contact uuid, lines uuid[]) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
    AS $$
    DECLARE
        told bigint;
        erased bigint;
    BEGIN
        SELECT CAST(line.facts->>'particulars' AS bigint) INTO told
        FROM ledger_lines AS line JOIN contacts AS person ON person.id = line.contact_id
        WHERE line.contact_id = contact AND line.event = 'contact.erased'
          AND line.tx = CAST(CAST(pg_current_xact_id() AS text) AS bigint)
          AND person.erased_at IS NOT NULL;
        IF told IS NULL THEN
            RAISE EXCEPTION 'no line of this transaction says that contact % is erased', contact;
        END IF;
        DELETE FROM ledger_particulars AS particulars USING ledger_lines AS line
        WHERE particulars.line_id = ANY (lines) AND line.id = particulars.line_id
          AND line.event <> 'contact.erased';
        GET DIAGNOSTICS erased = ROW_COUNT;
        IF erased <> told THEN
            RAISE EXCEPTION 'the line tells of % particulars, not of %', told, erased;
        END IF;
        RETURN erased;
    END
    $$
"""


def upgrade() -> None:
    op.create_table(
        "geometry_version",
        sa.Column("only", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint('"only"', name=op.f("geometry_version_one_row_check")),
        sa.PrimaryKeyConstraint("only", name=op.f("geometry_version_pkey")),
    )
    op.execute("INSERT INTO geometry_version (version) VALUES (1)")
    op.create_table(
        "roster_imports",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("file_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("file_bytes", sa.LargeBinary(), nullable=True),
        sa.Column("replace_scope", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_at", Moment, nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("ended_at", Moment, nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.Column("undone_at", Moment, nullable=True),
        sa.Column("undone_by", sa.Text(), nullable=True),
        sa.Column("counts", postgresql.JSONB(), nullable=False),
        sa.Column("differences", postgresql.JSONB(), nullable=False),
        sa.Column("complaints", postgresql.JSONB(), nullable=False),
        sa.CheckConstraint(
            "state IN ('previewed', 'applied', 'undone', 'discarded')",
            name=op.f("roster_imports_state_check"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("roster_imports_pkey")),
    )
    op.create_table(
        "contact_doubts",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("one_id", sa.UUID(), nullable=False),
        sa.Column("other_id", sa.UUID(), nullable=False),
        sa.Column("raised_at", Moment, nullable=False),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.Column("decided_at", Moment, nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.CheckConstraint("decision IN ('same', 'different')", name=op.f("contact_doubts_decision_check")),
        sa.CheckConstraint("kind IN ('same_name', 'same_number')", name=op.f("contact_doubts_kind_check")),
        sa.CheckConstraint("one_id <> other_id", name=op.f("contact_doubts_two_records_check")),
        sa.ForeignKeyConstraint(["one_id"], ["contacts.id"], name=op.f("contact_doubts_one_id_fkey")),
        sa.ForeignKeyConstraint(["other_id"], ["contacts.id"], name=op.f("contact_doubts_other_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("contact_doubts_pkey")),
        sa.UniqueConstraint("one_id", "other_id", name=op.f("contact_doubts_one_id_other_id_key")),
    )
    op.create_index(op.f("contact_doubts_one_id_idx"), "contact_doubts", ["one_id"], unique=False)
    op.create_index(op.f("contact_doubts_other_id_idx"), "contact_doubts", ["other_id"], unique=False)
    op.create_table(
        "danger_points",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("area_code", sa.Text(), nullable=False),
        sa.Column("lat", sa.Double, nullable=True),
        sa.Column("lon", sa.Double, nullable=True),
        sa.Column("grade", sa.Text(), nullable=True),
        sa.Column("households", sa.Integer(), nullable=True),
        sa.Column("people", sa.Integer(), nullable=True),
        sa.Column("signal", sa.Text(), nullable=True),
        sa.Column("route", sa.Text(), nullable=True),
        sa.Column("shelter", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("demonstration", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("created_at", Moment, nullable=False),
        sa.Column("retired_at", Moment, nullable=True),
        sa.CheckConstraint(
            "kind IN ('geohazard', 'flash_flood', 'reservoir', 'check_dam', 'embankment', 'mine', 'tailings',"
            " 'scenic', 'ford', 'other')",
            name=op.f("danger_points_kind_check"),
        ),
        sa.CheckConstraint("households >= 0 AND people >= 0", name=op.f("danger_points_not_negative_check")),
        sa.ForeignKeyConstraint(["area_code"], ["areas.code"], name=op.f("danger_points_area_code_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("danger_points_pkey")),
    )
    op.create_index(
        "danger_points_area_prefix_idx",
        "danger_points",
        ["area_code"],
        unique=False,
        postgresql_ops={"area_code": "text_pattern_ops"},
    )
    op.create_index(
        "danger_points_code_idx",
        "danger_points",
        ["code"],
        unique=True,
        postgresql_where=sa.text("code IS NOT NULL AND retired_at IS NULL"),
    )
    op.create_table(
        "roster_changes",
        sa.Column("import_id", sa.UUID(), nullable=False),
        sa.Column("table_name", sa.Text(), nullable=False),
        sa.Column("row_id", sa.UUID(), nullable=False),
        sa.Column("before", postgresql.JSONB(), nullable=True),
        sa.Column("after", postgresql.JSONB(), nullable=True),
        sa.ForeignKeyConstraint(
            ["import_id"], ["roster_imports.id"], name=op.f("roster_changes_import_id_fkey")
        ),
        sa.PrimaryKeyConstraint("import_id", "table_name", "row_id", name=op.f("roster_changes_pkey")),
    )
    op.create_index("roster_changes_row_idx", "roster_changes", ["row_id"], unique=False)
    op.create_table(
        "threatened_households",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("danger_point_id", sa.UUID(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("head", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("people", sa.Integer(), nullable=True),
        sa.Column("helper_id", sa.UUID(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.CheckConstraint("people >= 0", name=op.f("threatened_households_not_negative_check")),
        sa.ForeignKeyConstraint(
            ["danger_point_id"], ["danger_points.id"], name=op.f("threatened_households_danger_point_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["helper_id"], ["contacts.id"], name=op.f("threatened_households_helper_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("threatened_households_pkey")),
    )
    op.create_index(
        op.f("threatened_households_danger_point_id_idx"),
        "threatened_households",
        ["danger_point_id"],
        unique=False,
    )
    op.create_index(
        op.f("threatened_households_helper_id_idx"), "threatened_households", ["helper_id"], unique=False
    )
    op.create_table(
        "number_checks",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("calendar_at", Moment, nullable=True),
        sa.Column("started_at", Moment, nullable=False),
        sa.Column("started_by", sa.Text(), nullable=False),
        sa.Column("area_code", sa.Text(), nullable=False),
        sa.Column("next_at", Moment, nullable=True),
        sa.Column("postponed_since", Moment, nullable=True),
        sa.Column("ended_at", Moment, nullable=True),
        sa.Column("counts", postgresql.JSONB(), server_default="{}", nullable=False),
        sa.CheckConstraint(
            "(ended_at IS NULL) = (next_at IS NOT NULL)",
            name=op.f("number_checks_running_has_next_moment_check"),
        ),
        sa.ForeignKeyConstraint(["area_code"], ["areas.code"], name=op.f("number_checks_area_code_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("number_checks_pkey")),
        sa.UniqueConstraint("calendar_at", name=op.f("number_checks_calendar_at_key")),
    )
    op.create_index(
        "number_checks_running_idx",
        "number_checks",
        ["next_at"],
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.add_column("attempts", sa.Column("number_check_id", sa.UUID(), nullable=True))
    op.create_foreign_key(
        op.f("attempts_number_check_id_fkey"), "attempts", "number_checks", ["number_check_id"], ["id"]
    )
    op.create_index(
        "attempts_check_idx",
        "attempts",
        ["number_check_id", "number"],
        postgresql_where=sa.text("purpose = 'check'"),
    )
    op.drop_constraint(op.f("attempts_purpose_check"), "attempts")
    op.create_check_constraint(
        op.f("attempts_purpose_check"),
        "attempts",
        "purpose IN ('call', 'lowered', 'stand_down', 'reply', 'check')",
    )
    op.create_check_constraint(
        op.f("attempts_check_has_run_check"),
        "attempts",
        "(purpose = 'check') = (number_check_id IS NOT NULL)",
    )
    op.execute("ALTER TABLE areas ALTER CONSTRAINT areas_parent_code_fkey DEFERRABLE INITIALLY DEFERRED")
    op.add_column(
        "areas", sa.Column("seat_made_up", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    )
    op.add_column(
        "areas", sa.Column("former_names", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False)
    )
    op.add_column("areas", sa.Column("retired_at", Moment, nullable=True))
    op.add_column("areas", sa.Column("successor_code", sa.Text(), nullable=True))
    op.create_foreign_key(op.f("areas_successor_code_fkey"), "areas", "areas", ["successor_code"], ["code"])
    op.add_column(
        "contact_numbers", sa.Column("standing", sa.Text(), server_default="unknown", nullable=False)
    )
    op.add_column("contact_numbers", sa.Column("standing_at", Moment, nullable=True))
    op.add_column(
        "contact_numbers", sa.Column("failures", sa.SmallInteger(), server_default="0", nullable=False)
    )
    op.add_column("contact_numbers", sa.Column("reached_at", Moment, nullable=True))
    op.add_column("contact_numbers", sa.Column("verified_at", Moment, nullable=True))
    op.add_column("contact_numbers", sa.Column("verified_how", sa.Text(), nullable=True))
    op.create_check_constraint(
        op.f("contact_numbers_standing_check"),
        "contact_numbers",
        "standing IN ('unknown', 'works', 'silent', 'off', 'suspended', 'dead', 'wrong_person')",
    )
    op.create_check_constraint(
        op.f("contact_numbers_verified_how_check"),
        "contact_numbers",
        "verified_how IN ('answer', 'check', 'hand')",
    )
    op.add_column(
        "contacts",
        sa.Column("other_languages", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
    )
    op.add_column("contacts", sa.Column("merged_into_id", sa.UUID(), nullable=True))
    op.add_column("contacts", sa.Column("erased_at", Moment, nullable=True))
    op.create_foreign_key(
        op.f("contacts_merged_into_id_fkey"), "contacts", "contacts", ["merged_into_id"], ["id"]
    )
    op.add_column("posts", sa.Column("danger_point_id", sa.UUID(), nullable=True))
    op.create_index(op.f("posts_danger_point_id_idx"), "posts", ["danger_point_id"], unique=False)
    op.create_index("posts_page_idx", "posts", ["area_code", "kind", "id"], unique=False)
    op.create_index(
        "ledger_lines_contact_idx",
        "ledger_lines",
        ["contact_id", "id"],
        unique=False,
        postgresql_where=sa.text("warning_id IS NULL AND contact_id IS NOT NULL"),
    )
    op.create_index(op.f("posts_deputy_id_idx"), "posts", ["deputy_id"], unique=False)
    op.create_index(op.f("posts_superior_id_idx"), "posts", ["superior_id"], unique=False)
    op.create_foreign_key(
        op.f("posts_danger_point_id_fkey"), "posts", "danger_points", ["danger_point_id"], ["id"]
    )
    op.add_column(
        "issued_warnings",
        sa.Column("waiting_areas", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
    )
    op.add_column(
        "issued_warnings",
        sa.Column("released_areas", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
    )
    op.add_column("issued_warnings", sa.Column("release_at", Moment, nullable=True))
    op.add_column(
        "issued_warnings",
        sa.Column("release_due", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )
    op.create_index(
        "issued_warnings_release_idx",
        "issued_warnings",
        ["id"],
        unique=False,
        postgresql_where=sa.text("release_due OR release_at IS NOT NULL"),
    )
    op.create_index(
        "ledger_lines_together_idx",
        "ledger_lines",
        ["at"],
        unique=False,
        postgresql_where=sa.text("event = 'call_outs.opened'"),
    )
    op.execute(ERASE_PARTICULARS)


def downgrade() -> None:
    op.drop_constraint(op.f("attempts_check_has_run_check"), "attempts")
    # The release before knows no checks: they become what it calls a text that answers nobody's question.
    op.execute("UPDATE attempts SET purpose = 'reply' WHERE purpose = 'check'")
    op.drop_constraint(op.f("attempts_purpose_check"), "attempts")
    op.create_check_constraint(
        op.f("attempts_purpose_check"), "attempts", "purpose IN ('call', 'lowered', 'stand_down', 'reply')"
    )
    op.drop_index("attempts_check_idx", table_name="attempts")
    op.drop_constraint(op.f("attempts_number_check_id_fkey"), "attempts", type_="foreignkey")
    op.drop_column("attempts", "number_check_id")
    op.drop_index("number_checks_running_idx", table_name="number_checks")
    op.drop_table("number_checks")
    op.execute("DROP FUNCTION erase_particulars(uuid, uuid[])")
    op.drop_index(
        "ledger_lines_together_idx",
        table_name="ledger_lines",
        postgresql_where=sa.text("event = 'call_outs.opened'"),
    )
    op.drop_index(
        "issued_warnings_release_idx",
        table_name="issued_warnings",
        postgresql_where=sa.text("release_due OR release_at IS NOT NULL"),
    )
    op.drop_column("issued_warnings", "release_due")
    op.drop_column("issued_warnings", "release_at")
    op.drop_column("issued_warnings", "released_areas")
    op.drop_column("issued_warnings", "waiting_areas")
    op.drop_constraint(op.f("posts_danger_point_id_fkey"), "posts", type_="foreignkey")
    op.drop_index("ledger_lines_contact_idx", table_name="ledger_lines")
    op.drop_index("posts_page_idx", table_name="posts")
    op.drop_index(op.f("posts_superior_id_idx"), table_name="posts")
    op.drop_index(op.f("posts_deputy_id_idx"), table_name="posts")
    op.drop_index(op.f("posts_danger_point_id_idx"), table_name="posts")
    op.drop_column("posts", "danger_point_id")
    op.drop_constraint(op.f("contacts_merged_into_id_fkey"), "contacts", type_="foreignkey")
    op.drop_column("contacts", "erased_at")
    op.drop_column("contacts", "merged_into_id")
    op.drop_column("contacts", "other_languages")
    op.drop_constraint(op.f("contact_numbers_verified_how_check"), "contact_numbers")
    op.drop_constraint(op.f("contact_numbers_standing_check"), "contact_numbers")
    op.drop_column("contact_numbers", "verified_how")
    op.drop_column("contact_numbers", "verified_at")
    op.drop_column("contact_numbers", "reached_at")
    op.drop_column("contact_numbers", "failures")
    op.drop_column("contact_numbers", "standing_at")
    op.drop_column("contact_numbers", "standing")
    op.drop_constraint(op.f("areas_successor_code_fkey"), "areas", type_="foreignkey")
    op.drop_column("areas", "successor_code")
    op.drop_column("areas", "retired_at")
    op.drop_column("areas", "former_names")
    op.drop_column("areas", "seat_made_up")
    op.execute("ALTER TABLE areas ALTER CONSTRAINT areas_parent_code_fkey NOT DEFERRABLE")
    op.drop_index(op.f("threatened_households_helper_id_idx"), table_name="threatened_households")
    op.drop_index(op.f("threatened_households_danger_point_id_idx"), table_name="threatened_households")
    op.drop_table("threatened_households")
    op.drop_index("roster_changes_row_idx", table_name="roster_changes")
    op.drop_table("roster_changes")
    op.drop_index(
        "danger_points_code_idx",
        table_name="danger_points",
        postgresql_where=sa.text("code IS NOT NULL AND retired_at IS NULL"),
    )
    op.drop_index(
        "danger_points_area_prefix_idx",
        table_name="danger_points",
        postgresql_ops={"area_code": "text_pattern_ops"},
    )
    op.drop_table("danger_points")
    op.drop_index(op.f("contact_doubts_other_id_idx"), table_name="contact_doubts")
    op.drop_index(op.f("contact_doubts_one_id_idx"), table_name="contact_doubts")
    op.drop_table("contact_doubts")
    op.drop_table("roster_imports")
    op.drop_table("geometry_version")
