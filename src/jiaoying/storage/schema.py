"""Every table on one page.

Names are those of the product's words. A constraint that carries a promise says which one.
Times are timestamptz, always UTC. Identifiers are UUIDs of version 7 made by the writer
(`kernel.ids`), so that a row can be named before it exists.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    column,
    false,
    table,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TIMESTAMP, UUID

metadata = MetaData(
    naming_convention={
        "pk": "%(table_name)s_pkey",
        "fk": "%(table_name)s_%(column_0_name)s_fkey",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
        "ix": "%(table_name)s_%(column_0_N_name)s_idx",
        "ck": "%(table_name)s_%(constraint_name)s_check",
    }
)

Moment = TIMESTAMP(timezone=True)


def _id() -> Column[object]:
    return Column("id", UUID(as_uuid=True), primary_key=True)


def _ref(name: str, target: str, *, nullable: bool = False, index: bool = False) -> Column[object]:
    return Column(name, UUID(as_uuid=True), ForeignKey(target), nullable=nullable, index=index)


# --- the installation -------------------------------------------------------------------------

# One row: the tie between the wall and business time (kernel.clock.Anchor), shared by all processes.
clock_anchor = Table(
    "clock_anchor",
    metadata,
    Column("only", Boolean, primary_key=True, server_default=text("true")),
    Column("wall", Moment, nullable=False),
    Column("business", Moment, nullable=False),
    Column("rate", Double, nullable=False),
    CheckConstraint('"only"', name="one_row"),
)

# Processes that are alive, for sharing what lines and rates there are, and for the watchdog.
workers = Table(
    "workers",
    metadata,
    _id(),
    Column("role", Text, nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False, index=True),
)

# What somebody must look at although no person was called: nobody matched, a carrier refuses us, …
alarms = Table(
    "alarms",
    metadata,
    _id(),
    Column("kind", Text, nullable=False),
    Column("text", Text, nullable=False),
    _ref("warning_id", "issued_warnings.id", nullable=True, index=True),
    _ref("contact_id", "contacts.id", nullable=True),
    _ref("inbox_item_id", "inbox_items.id", nullable=True),
    Column("raised_at", Moment, nullable=False),
    Column("cleared_at", Moment),
    Column("cleared_by", Text),
)
Index("alarms_open_idx", alarms.c.raised_at, postgresql_where=alarms.c.cleared_at.is_(None))

# --- areas (行政区划) ---------------------------------------------------------------------------

areas = Table(
    "areas",
    metadata,
    Column("code", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("level", Text, nullable=False),
    # Lists name villages before their townships: whether a parent is there is asked at the end.
    Column("parent_code", Text, ForeignKey("areas.code", deferrable=True, initially="DEFERRED"), index=True),
    Column("lat", Double),
    Column("lon", Double),
    Column("seat_made_up", Boolean, nullable=False, server_default=false()),  # the point is no survey's
    # Lists in villages keep the old name for years.
    Column("former_names", ARRAY(Text), nullable=False, server_default="{}"),
    # Merged or abolished. The row stays: warnings, posts and the ledger speak of it.
    Column("retired_at", Moment),
    Column("successor_code", Text, ForeignKey("areas.code")),  # where its people went
    CheckConstraint("code ~ '^[0-9]{12}$'", name="twelve_digits"),
    CheckConstraint("level IN ('province', 'city', 'county', 'township', 'village')", name="level"),
)
# Prefix search: everything inside 140521… is one range of this index.
Index("areas_code_prefix_idx", areas.c.code, postgresql_ops={"code": "text_pattern_ops"})

area_shapes = Table(
    "area_shapes",
    metadata,
    Column("area_code", Text, ForeignKey("areas.code"), primary_key=True),
    Column("shape_wkb", LargeBinary, nullable=False),  # lon, lat order, as GeoJSON and WKB have it
)

# One row: counts every change of shapes and seats, so that an index of them is built once for each.
geometry_version = Table(
    "geometry_version",
    metadata,
    Column("only", Boolean, primary_key=True, server_default=text("true")),
    Column("version", BigInteger, nullable=False),
    CheckConstraint('"only"', name="one_row"),
)

# --- the roster: contacts (责任人) and posts (责任岗位) ---------------------------------------------

contacts = Table(
    "contacts",
    metadata,
    _id(),
    Column("name", Text, nullable=False, index=True),
    Column("kind", Text, nullable=False, server_default="person"),  # or the fixed number of a desk
    Column("unit", Text),
    Column("title", Text),
    Column("language", Text, nullable=False, server_default="zh-CN"),  # in which they are called
    Column("other_languages", ARRAY(Text), nullable=False, server_default="{}"),  # which they speak too
    Column("note", Text),
    # A made-up person. No gateway other than the simulator accepts one.
    Column("demonstration", Boolean, nullable=False, server_default=false()),
    Column("created_at", Moment, nullable=False),
    Column("retired_at", Moment),
    # Two records of one person, made one by the keeper; this one stays for the story.
    _ref("merged_into_id", "contacts.id", nullable=True),
    Column("erased_at", Moment),  # on request: no name, no number, no unit remains
    CheckConstraint("kind IN ('person', 'desk')", name="kind"),
)

contact_numbers = Table(
    "contact_numbers",
    metadata,
    _id(),
    _ref("contact_id", "contacts.id", index=True),
    Column("number", Text, nullable=False, index=True),  # E.164, `;ext=` for extensions
    Column("kind", Text, nullable=False),
    Column("preference", SmallInteger, nullable=False, server_default="1"),  # 1 is tried first
    Column("opted_out_at", Moment),  # recorded and shown; never a reason to drop somebody
    # What the carriers' reports and the people's answers have said of it (contacts.numbers).
    Column("standing", Text, nullable=False, server_default="unknown"),
    Column("standing_at", Moment),
    Column("failures", SmallInteger, nullable=False, server_default="0"),  # in a row
    Column("reached_at", Moment),  # a call was picked up, a text arrived, or somebody answered
    Column("verified_at", Moment),  # the person themself answered from it, or the keeper vouches for it
    Column("verified_how", Text),
    UniqueConstraint("contact_id", "number"),
    CheckConstraint("kind IN ('mobile', 'landline', 'satellite')", name="kind"),
    CheckConstraint(
        "standing IN ('unknown', 'works', 'silent', 'off', 'suspended', 'dead', 'wrong_person')",
        name="standing",
    ),
    CheckConstraint("verified_how IN ('answer', 'check', 'hand')", name="verified_how"),
)

# A check of numbers by roll call (号码核查): friendly texts, a few a minute, behind everything else.
number_checks = Table(
    "number_checks",
    metadata,
    _id(),
    # The moment of the calendar that it belongs to: whoever looks first begins it, once.
    Column("calendar_at", Moment, unique=True),  # null: begun by hand
    Column("started_at", Moment, nullable=False),
    Column("started_by", Text, nullable=False),
    Column("area_code", Text, ForeignKey("areas.code"), nullable=False),
    Column("next_at", Moment),
    Column("postponed_since", Moment),  # a grave warning runs
    Column("ended_at", Moment),
    Column("counts", JSONB, nullable=False, server_default="{}"),  # of answers, once it has ended
    # A check that runs is looked at again.
    CheckConstraint("(ended_at IS NULL) = (next_at IS NOT NULL)", name="running_has_next_moment"),
)
Index(
    "number_checks_running_idx", number_checks.c.next_at, postgresql_where=number_checks.c.ended_at.is_(None)
)

# Danger points (隐患点): a slope, a flash-flood zone, a reservoir, a mine, a ford or a scenic spot. Whoever
# watches it or answers for it holds a post there (`posts.danger_point_id`).
danger_points = Table(
    "danger_points",
    metadata,
    _id(),
    Column("code", Text),  # as the authority numbers it
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("area_code", Text, ForeignKey("areas.code"), nullable=False),
    Column("lat", Double),
    Column("lon", Double),
    Column("grade", Text),  # of the danger, or the size, as the list has it
    Column("households", Integer),  # threatened, as planned
    Column("people", Integer),
    Column("signal", Text),  # 鸣锣, 广播 …
    Column("route", Text),
    Column("shelter", Text),
    Column("note", Text),
    Column("demonstration", Boolean, nullable=False, server_default=false()),
    Column("created_at", Moment, nullable=False),
    Column("retired_at", Moment),
    CheckConstraint(
        "kind IN ('geohazard', 'flash_flood', 'reservoir', 'check_dam', 'embankment', 'mine', 'tailings',"
        " 'scenic', 'ford', 'other')",
        name="kind",
    ),
    CheckConstraint("households >= 0 AND people >= 0", name="not_negative"),
)
Index(
    "danger_points_area_prefix_idx",
    danger_points.c.area_code,
    postgresql_ops={"area_code": "text_pattern_ops"},
)
# One number of the authority is one place.
Index(
    "danger_points_code_idx",
    danger_points.c.code,
    unique=True,
    postgresql_where=danger_points.c.code.is_not(None) & danger_points.c.retired_at.is_(None),
)

# Who lives under a danger point, in the order in which they are called out.
threatened_households = Table(
    "threatened_households",
    metadata,
    _id(),
    _ref("danger_point_id", "danger_points.id", index=True),
    Column("position", Integer, nullable=False),
    Column("head", Text, nullable=False),
    Column("number", Text),  # E.164
    Column("people", Integer),
    _ref("helper_id", "contacts.id", nullable=True, index=True),  # 一对一: who fetches them
    Column("note", Text),
    CheckConstraint("people >= 0", name="not_negative"),
)

posts = Table(
    "posts",
    metadata,
    _id(),
    Column("area_code", Text, ForeignKey("areas.code"), nullable=False),
    Column("kind", Text, nullable=False),  # as the sheet says: 防汛责任人, 群测群防员, 镇长 …
    Column("level", Text, nullable=False),
    # The column of the ladder that this post is called by (dispatch.ladders.Tier).
    Column("tier", Text, nullable=False),
    Column("hazards", ARRAY(Text), nullable=False, server_default="{}"),  # families; empty is all
    _ref("holder_id", "contacts.id", nullable=True, index=True),  # a post nobody holds is still a row
    _ref("deputy_id", "contacts.id", nullable=True, index=True),
    _ref("superior_id", "contacts.id", nullable=True, index=True),
    # The duty is at this place, inside the area.
    _ref("danger_point_id", "danger_points.id", nullable=True, index=True),
    Column("valid_from", Date),
    Column("valid_to", Date),  # the last day in force
    Column("note", Text),
    Column("demonstration", Boolean, nullable=False, server_default=false()),
    CheckConstraint("level IN ('county', 'township', 'village')", name="level"),
)
Index("posts_area_prefix_idx", posts.c.area_code, postgresql_ops={"area_code": "text_pattern_ops"})
# The roster page by page, in the order in which it is shown.
Index("posts_page_idx", posts.c.area_code, posts.c.kind, posts.c.id)

# A list that was handed in: looked at first, then taken over as a whole, and taken back if it was wrong.
roster_imports = Table(
    "roster_imports",
    metadata,
    _id(),
    Column("file_name", Text, nullable=False),
    Column("file_sha256", LargeBinary, nullable=False),
    Column("file_bytes", LargeBinary),  # until it is applied or discarded
    Column("replace_scope", Text),
    Column("state", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("ended_at", Moment),  # applied or discarded
    Column("ended_by", Text),
    Column("undone_at", Moment),
    Column("undone_by", Text),
    Column("counts", JSONB, nullable=False),
    Column("differences", JSONB, nullable=False),
    Column("complaints", JSONB, nullable=False),
    CheckConstraint("state IN ('previewed', 'applied', 'undone', 'discarded')", name="state"),
)

# What an import did to each row, so that it can be taken back.
roster_changes = Table(
    "roster_changes",
    metadata,
    _ref("import_id", "roster_imports.id"),
    Column("table_name", Text, nullable=False),
    Column("row_id", UUID(as_uuid=True), nullable=False),
    Column("before", JSONB),  # null: it was not there
    Column("after", JSONB),
    PrimaryKeyConstraint("import_id", "table_name", "row_id"),
)
Index("roster_changes_row_idx", roster_changes.c.row_id)

# Two records that may be one person: the keeper says which.
contact_doubts = Table(
    "contact_doubts",
    metadata,
    _id(),
    Column("kind", Text, nullable=False),
    _ref("one_id", "contacts.id", index=True),
    _ref("other_id", "contacts.id", index=True),
    Column("raised_at", Moment, nullable=False),
    Column("decision", Text),
    Column("decided_at", Moment),
    Column("decided_by", Text),
    UniqueConstraint("one_id", "other_id"),
    CheckConstraint("kind IN ('same_name', 'same_number')", name="kind"),
    CheckConstraint("decision IN ('same', 'different')", name="decision"),
    CheckConstraint("one_id <> other_id", name="two_records"),
)

# --- the duty desk (值班) -----------------------------------------------------------------------

desks = Table(
    "desks",
    metadata,
    _id(),
    Column("area_code", Text, ForeignKey("areas.code"), nullable=False, index=True),
    Column("name", Text, nullable=False, unique=True),
    # The desk's own fixed number, called when the rota names nobody.
    _ref("fallback_contact_id", "contacts.id", nullable=True),
    # By what rule its rota is filled (duty.planning.DeskPlan): shift times, rest, what changes by the week.
    Column("plan", JSONB),
)

# Who takes turns at a desk in which role, in the order in which equals are asked; and who is asked for the
# officer on duty when that one does not answer (deputy).
desk_members = Table(
    "desk_members",
    metadata,
    _ref("desk_id", "desks.id"),
    Column("role", Text, nullable=False),
    _ref("person_id", "contacts.id", index=True),
    Column("position", SmallInteger, nullable=False),
    PrimaryKeyConstraint("desk_id", "role", "person_id"),
    CheckConstraint("role IN ('officer', 'leader', 'deputy')", name="role"),
)

# As planned; who stands instead is in shift_changes.
shifts = Table(
    "shifts",
    metadata,
    _id(),
    _ref("desk_id", "desks.id"),
    Column("starts_at", Moment, nullable=False),
    Column("ends_at", Moment, nullable=False),  # exclusive
    _ref("officer_id", "contacts.id"),
    _ref("leader_id", "contacts.id", nullable=True),
    _ref("second_id", "contacts.id", nullable=True),  # the second officer of a sensitive day
    Column("name", Text, nullable=False, server_default=""),
    # When it was planned anew: calendars that somebody subscribed to must see that it changed.
    Column("replanned", ARRAY(Moment), nullable=False, server_default="{}"),
    UniqueConstraint("desk_id", "starts_at"),
    CheckConstraint("ends_at > starts_at", name="forward"),
)

# Which run now, looked for every second.
Index("shifts_ends_at_idx", shifts.c.ends_at)

# Somebody stands in one role of a shift instead of who was planned. Undone, never deleted.
shift_changes = Table(
    "shift_changes",
    metadata,
    _id(),
    _ref("shift_id", "shifts.id", index=True),
    Column("role", Text, nullable=False),
    _ref("person_id", "contacts.id", index=True),
    Column("kind", Text, nullable=False),
    Column("starts_at", Moment, nullable=False),
    Column("ends_at", Moment, nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("pair_id", UUID(as_uuid=True), index=True),  # the two halves of a swap
    Column("reason", Text, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("undone_at", Moment),
    Column("undone_by", Text),
    CheckConstraint("role IN ('officer', 'second', 'leader')", name="role"),
    CheckConstraint("kind IN ('override', 'swap', 'leave', 'takeover')", name="kind"),
    CheckConstraint("ends_at > starts_at", name="forward"),
    CheckConstraint("(undone_at IS NULL) = (undone_by IS NULL)", name="undone_by_somebody"),
    CheckConstraint("(kind = 'swap') = (pair_id IS NOT NULL)", name="swap_is_a_pair"),
)

# Everybody who stands somewhere, as planned or instead, one row each (a view).
rota_seats = table(
    "rota_seats",
    column("shift_id", UUID(as_uuid=True)),
    column("desk_id", UUID(as_uuid=True)),
    column("person_id", UUID(as_uuid=True)),
    column("starts_at", Moment),
    column("ends_at", Moment),
)

# A swap that waits for the leader: nothing changes before it is agreed to.
swap_requests = Table(
    "swap_requests",
    metadata,
    _id(),
    _ref("one_shift_id", "shifts.id"),
    Column("one_role", Text, nullable=False),
    _ref("other_shift_id", "shifts.id"),
    Column("other_role", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("asked_at", Moment, nullable=False),
    Column("asked_by", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("decided_at", Moment),
    Column("decided_by", Text),
    Column("pair_id", UUID(as_uuid=True)),  # of the changes that it brought
    CheckConstraint("state IN ('asked', 'agreed', 'refused', 'withdrawn')", name="state"),
    CheckConstraint("(state = 'asked') = (decided_at IS NULL)", name="decided_has_moment"),
    CheckConstraint("(decided_at IS NULL) = (decided_by IS NULL)", name="decided_by_somebody"),
    CheckConstraint("decided_by IS NULL OR state <> 'agreed' OR decided_by <> asked_by", name="two_persons"),
    CheckConstraint("(state = 'agreed') = (pair_id IS NOT NULL)", name="agreed_has_changes"),
)

# Somebody cannot be asked from one moment up to another (请假).
leaves = Table(
    "leaves",
    metadata,
    _id(),
    _ref("person_id", "contacts.id", index=True),
    Column("starts_at", Moment, nullable=False),
    Column("ends_at", Moment, nullable=False),
    Column("reason", Text, nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("ended_at", Moment),  # taken back
    CheckConstraint("ends_at > starts_at", name="forward"),
)

# A time in which nobody is meant to stand there: no gap to be told of.
meant_gaps = Table(
    "meant_gaps",
    metadata,
    _id(),
    _ref("desk_id", "desks.id", index=True),
    Column("starts_at", Moment, nullable=False),
    Column("ends_at", Moment, nullable=False),
    Column("reason", Text, nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("ended_at", Moment),
    CheckConstraint("ends_at > starts_at", name="forward"),
)

# Days on which two officers stand at every desk (双人值班).
sensitive_days = Table(
    "sensitive_days",
    metadata,
    _id(),
    Column("first", Date, nullable=False),
    Column("last", Date, nullable=False),
    Column("reason", Text, nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("ended_at", Moment),
    CheckConstraint("last >= first", name="forward"),
)

# Whether whoever stands in a shift has come (值班签到): asked for when it begins, at desks that want that.
shift_watches = Table(
    "shift_watches",
    metadata,
    _ref("shift_id", "shifts.id"),
    _ref("desk_id", "desks.id"),
    _ref("call_id", "issued_warnings.id", nullable=True),  # the duty call that asks for it
    Column("state", Text, nullable=False),
    Column("asked_at", Moment, nullable=False),
    Column("next_at", Moment),
    PrimaryKeyConstraint("shift_id"),
    CheckConstraint("state IN ('asked', 'missed', 'manned', 'over')", name="state"),
    # The promise: a shift that nobody has come to is looked at again.
    CheckConstraint("(state IN ('asked', 'missed')) = (next_at IS NOT NULL)", name="open_has_next_moment"),
)
Index("shift_watches_due_idx", shift_watches.c.next_at, postgresql_where=shift_watches.c.next_at.is_not(None))

# Who came to a shift, and how that was said.
sign_ons = Table(
    "sign_ons",
    metadata,
    _id(),
    _ref("shift_id", "shifts.id"),
    Column("role", Text, nullable=False),
    _ref("person_id", "contacts.id", index=True),
    Column("at", Moment, nullable=False),
    Column("how", Text, nullable=False),  # page, or as an answer is given (dispatch.grades.How)
    Column("noted_by", Text, nullable=False),
    UniqueConstraint("shift_id", "person_id"),
    CheckConstraint("role IN ('officer', 'second', 'leader')", name="role"),
)

# One shift hands over to the next (交接班): what is open, item by item, and both signatures.
handovers = Table(
    "handovers",
    metadata,
    _id(),
    _ref("desk_id", "desks.id", index=True),
    _ref("shift_id", "shifts.id"),
    Column("state", Text, nullable=False),
    Column("note", Text, nullable=False, server_default=""),
    Column("opened_at", Moment, nullable=False),
    Column("next_at", Moment),
    _ref("handed_person_id", "contacts.id", nullable=True),
    Column("handed_at", Moment),
    Column("handed_by", Text),
    Column("refused_reason", Text),
    _ref("taken_person_id", "contacts.id", nullable=True),
    Column("taken_at", Moment),
    Column("taken_by", Text),
    UniqueConstraint("shift_id"),
    CheckConstraint("state IN ('open', 'handed', 'refused', 'taken', 'continued', 'lapsed')", name="state"),
    # The promise: a shift that has not been taken over is looked at again.
    CheckConstraint(
        "(state IN ('taken', 'continued', 'lapsed')) = (next_at IS NULL)", name="open_has_next_moment"
    ),
    CheckConstraint("state <> 'handed' OR handed_at IS NOT NULL", name="handed_is_signed"),
    CheckConstraint(
        "state <> 'taken' OR (taken_at IS NOT NULL AND handed_at IS NOT NULL)", name="taken_is_signed"
    ),
    CheckConstraint("taken_person_id <> handed_person_id", name="two_persons"),
)
Index("handovers_due_idx", handovers.c.next_at, postgresql_where=handovers.c.next_at.is_not(None))

handover_items = Table(
    "handover_items",
    metadata,
    _id(),
    _ref("handover_id", "handovers.id"),
    Column("key", Text, nullable=False),  # what it is about, the same at each look: alarm:<id>
    Column("kind", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("page", Text, nullable=False, server_default=""),  # where it is dealt with
    Column("state", Text, nullable=False),
    Column("reason", Text, nullable=False, server_default=""),  # why it was refused
    Column("made_at", Moment, nullable=False),
    Column("decided_at", Moment),
    Column("decided_by", Text),
    UniqueConstraint("handover_id", "key"),
    CheckConstraint("state IN ('open', 'accepted', 'refused', 'settled')", name="state"),
)

# What somebody at a desk wrote down (值班日志). A correction is a further version: the first one stays.
log_entries = Table(
    "log_entries",
    metadata,
    _id(),
    _ref("first_id", "log_entries.id"),
    Column("version", SmallInteger, nullable=False),
    _ref("desk_id", "desks.id"),
    Column("at", Moment, nullable=False),  # when it happened
    Column("kind", Text, nullable=False),
    Column("unit", Text, nullable=False, server_default=""),  # 来电/来文单位
    Column("caller", Text, nullable=False, server_default=""),  # 姓名、职务
    Column("phone", Text, nullable=False, server_default=""),
    Column("content", Text, nullable=False, server_default=""),
    Column("handling", Text, nullable=False, server_default=""),  # 处理：已报告谁、何时
    Column("instruction", Text, nullable=False, server_default=""),  # 领导批示
    Column("feedback", Text, nullable=False, server_default=""),
    # Of a consultation (会商) only: where or by what means, who led it, who took part, what was decided, and
    # the warning that it was about. What was found is its content.
    Column("place", Text, nullable=False, server_default=""),
    Column("host", Text, nullable=False, server_default=""),
    Column("units", Text, nullable=False, server_default=""),
    Column("decision", Text, nullable=False, server_default=""),
    _ref("warning_id", "issued_warnings.id", nullable=True),
    Column("reason", Text, nullable=False, server_default=""),  # of a correction
    Column("written_at", Moment, nullable=False),
    Column("written_by", Text, nullable=False),
    UniqueConstraint("first_id", "version"),
    CheckConstraint(
        "kind IN ('call_in', 'call_out', 'letter', 'instruction', 'patrol', 'weather', 'consultation',"
        " 'other')",
        name="kind",
    ),
    CheckConstraint(
        "CASE WHEN kind = 'consultation' THEN place <> '' AND host <> '' AND units <> ''"
        " ELSE place || host || units || decision = '' AND warning_id IS NULL END",
        name="consultation_has_its_fields",
    ),
    CheckConstraint("(version = 1) = (first_id = id)", name="first_is_itself"),
    CheckConstraint("(version = 1) = (reason = '')", name="correction_has_reason"),
)
Index("log_entries_desk_idx", log_entries.c.desk_id, log_entries.c.at)
Index(
    "log_entries_consultations_idx",
    log_entries.c.warning_id,
    postgresql_where=log_entries.c.kind == "consultation",
)

# Files that came with an entry (附件). They belong to the entry through all its versions: a correction adds
# some, and strikes others, which stay readable.
log_files = Table(
    "log_files",
    metadata,
    _id(),
    _ref("first_id", "log_entries.id", index=True),
    _ref("added_with", "log_entries.id"),  # the version that brought it
    _ref("struck_with", "log_entries.id", nullable=True),  # the correction that struck it
    Column("name", Text, nullable=False),
    Column("media_type", Text, nullable=False),  # as its content says, never as its name says
    Column("size", Integer, nullable=False),
    Column("sha256", LargeBinary, nullable=False),
    Column("body", LargeBinary),  # null: erased with whoever sent it
    CheckConstraint("added_with <> struck_with", name="struck_later"),
)
# The same file hangs on an entry once.
Index(
    "log_files_once_idx",
    log_files.c.first_id,
    log_files.c.sha256,
    unique=True,
    postgresql_where=log_files.c.struck_with.is_(None),
)

# --- incident reports (突发事件信息报送) ---

# Something that a desk was told of. Its number is taken with the row, so that none is left out.
incidents = Table(
    "incidents",
    metadata,
    _id(),
    _ref("desk_id", "desks.id"),
    Column("prefix", Text, nullable=False),  # 沁水值班
    Column("year", SmallInteger, nullable=False),
    Column("number", Integer, nullable=False),
    Column("exercise", Boolean, nullable=False),
    Column("received_at", Moment, nullable=False),  # 接报时间
    Column("created_at", Moment, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("ended_at", Moment),  # its final report was signed
    # The promise: no number stands twice, neither in the count of a desk nor on paper.
    UniqueConstraint("desk_id", "year", "exercise", "number"),
    UniqueConstraint("prefix", "year", "exercise", "number"),
    CheckConstraint("number > 0", name="counts_from_one"),
)
Index("incidents_going_on_idx", incidents.c.desk_id, postgresql_where=text("ended_at IS NULL"))

# One report of a chain (首报, 续报, 终报, 更正) with what is new in it. What it says is never written over.
incident_reports = Table(
    "incident_reports",
    metadata,
    _id(),
    _ref("incident_id", "incidents.id"),
    Column("place", SmallInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("nth", SmallInteger),  # 续报一, 续报二: counted when it is signed
    _ref("corrects_id", "incident_reports.id", nullable=True),
    Column("received_at", Moment, nullable=False),
    Column("facts", JSONB, nullable=False),  # duty.incidents.model.Fact
    Column("addressees", Text, nullable=False),  # 主送
    Column("reporter", Text, nullable=False),
    Column("phone", Text, nullable=False),
    Column("written_at", Moment, nullable=False),
    Column("written_by", Text, nullable=False),
    Column("signed_at", Moment),
    Column("signed_by", Text),  # in the console; of a call, whoever noted it
    Column("signer", Text),  # 签发人
    Column("signed_how", Text),
    Column("returned_at", Moment),
    Column("returned_by", Text),
    Column("returned_why", Text),
    UniqueConstraint("incident_id", "place"),
    CheckConstraint("kind IN ('first', 'continued', 'final', 'correction')", name="kind"),
    CheckConstraint("(kind = 'correction') = (corrects_id IS NOT NULL)", name="correction_of_something"),
    CheckConstraint("signed_at IS NULL OR returned_at IS NULL", name="signed_or_returned"),
    CheckConstraint(
        "num_nulls(signed_at, signed_by, signer, signed_how) IN (0, 4)", name="signed_by_somebody"
    ),
    CheckConstraint(
        "num_nulls(returned_at, returned_by, returned_why) IN (0, 3)", name="returned_with_reason"
    ),
    CheckConstraint("signed_how IN ('here', 'phone')", name="signed_how"),
    # The promise: nobody signs their own report; by telephone it is another who said yes.
    CheckConstraint("signed_how <> 'here' OR signed_by <> written_by", name="two_persons"),
    CheckConstraint(
        "(nth IS NOT NULL) = (signed_at IS NOT NULL AND kind IN ('continued', 'correction'))", name="nth"
    ),
)
# One that waits to be signed at a time: what is new is new against what was said before.
Index(
    "incident_reports_waiting_idx",
    incident_reports.c.incident_id,
    unique=True,
    postgresql_where=text("signed_at IS NULL AND returned_at IS NULL"),
)
Index(
    "incident_reports_first_idx",
    incident_reports.c.incident_id,
    incident_reports.c.kind,
    unique=True,
    postgresql_where=text("kind IN ('first', 'final') AND returned_at IS NULL"),
)

# Somebody must be told by some means by some time (报送时限), by the strictest of the rules.
incident_obligations = Table(
    "incident_obligations",
    metadata,
    _id(),
    _ref("incident_id", "incidents.id"),
    Column("recipient", Text, nullable=False),
    Column("means", Text, nullable=False),
    Column("starts_at", Moment, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("rule", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("rules_version", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("step", Text),  # how strongly the desk was reminded
    Column("next_at", Moment),
    Column("sent_at", Moment),
    Column("lifted_at", Moment),
    Column("lifted_by", Text),
    Column("lifted_why", Text),
    UniqueConstraint("incident_id", "recipient", "means"),
    CheckConstraint("means IN ('phone', 'written')", name="means"),
    CheckConstraint("state IN ('open', 'done', 'lifted')", name="state"),
    CheckConstraint("step IN ('reminded', 'pressed', 'overdue')", name="step"),
    CheckConstraint("due_at > starts_at", name="forward"),
    # The promise: what is open has a next moment.
    CheckConstraint("(state = 'open') = (next_at IS NOT NULL)", name="open_has_next_moment"),
    CheckConstraint("(state = 'done') = (sent_at IS NOT NULL)", name="done_was_sent"),
    CheckConstraint("(state = 'lifted') = (lifted_at IS NOT NULL)", name="lifted_has_moment"),
    CheckConstraint("num_nulls(lifted_at, lifted_by, lifted_why) IN (0, 3)", name="lifted_with_reason"),
)
Index(
    "incident_obligations_next_idx",
    incident_obligations.c.next_at,
    postgresql_where=text("state = 'open'"),
)

# A report that went to somebody, or word by telephone (报送), and its receipt (回执).
incident_sendings = Table(
    "incident_sendings",
    metadata,
    _id(),
    _ref("incident_id", "incidents.id", index=True),
    _ref("report_id", "incident_reports.id", nullable=True),
    _ref("obligation_id", "incident_obligations.id", nullable=True),
    Column("recipient", Text, nullable=False),
    Column("means", Text, nullable=False),
    Column("sent_at", Moment, nullable=False),
    Column("sent_to", Text, nullable=False),
    Column("how", Text, nullable=False),
    Column("noted_at", Moment, nullable=False),
    Column("noted_by", Text, nullable=False),
    Column("receipt_at", Moment),
    Column("received_by", Text),
    Column("receipt_noted_by", Text),
    Column("undone_at", Moment),
    Column("undone_by", Text),
    Column("undone_why", Text),
    CheckConstraint("means IN ('phone', 'written')", name="means"),
    CheckConstraint("means = 'phone' OR report_id IS NOT NULL", name="written_has_report"),
    CheckConstraint(
        "num_nulls(receipt_at, received_by, receipt_noted_by) IN (0, 3)", name="receipt_by_somebody"
    ),
    CheckConstraint("num_nulls(undone_at, undone_by, undone_why) IN (0, 3)", name="undone_with_reason"),
)

# The desk was called because clocks run out; the row is written with the call.
incident_reminders = Table(
    "incident_reminders",
    metadata,
    _id(),
    _ref("incident_id", "incidents.id", index=True),
    Column("step", Text, nullable=False),
    Column("obligation_ids", ARRAY(UUID(as_uuid=True)), nullable=False),
    _ref("call_id", "issued_warnings.id", nullable=True),
    Column("begun_at", Moment, nullable=False),
    Column("ended_at", Moment),
    CheckConstraint("step IN ('reminded', 'pressed', 'overdue')", name="step"),
)
Index(
    "incident_reminders_running_idx",
    incident_reminders.c.incident_id,
    postgresql_where=text("ended_at IS NULL"),
)

# The reporting rules (报送规则): a newer version supersedes, none is ever overwritten.
incident_rules = Table(
    "incident_rules",
    metadata,
    _id(),
    Column("version", Integer, nullable=False, unique=True),
    Column("text", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("created_by", Text, nullable=False),
)

# Periodic duties (定期任务): what is due on days by a rule (duty.routines.rules), and who sees to it.
routines = Table(
    "routines",
    metadata,
    _id(),
    Column("title", Text, nullable=False),
    Column("recipient", Text, nullable=False),  # 报送单位
    Column("note", Text, nullable=False, server_default=""),
    _ref("desk_id", "desks.id"),  # its leader is called when it is late
    _ref("owner_id", "contacts.id", nullable=True),  # without one: whoever is on duty at the desk
    Column("rule", JSONB, nullable=False),
    Column("suggestion", Text),  # the ready-made one that it came from
    Column("counts_from", Date, nullable=False),
    # The rule counts from here: what was due before it was changed is not written anew.
    Column("changed_at", Moment, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("ended_at", Moment),
    Column("ended_by", Text),
    CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name="ended_by_somebody"),
)

# Each time that a duty is due, written ahead; those not begun (ahead) follow the rule when it changes.
routine_occurrences = Table(
    "routine_occurrences",
    metadata,
    _id(),
    _ref("routine_id", "routines.id"),
    Column("day", Date, nullable=False),  # by the rule, before it was moved off days of rest
    Column("due_at", Moment, nullable=False),
    Column("title", Text, nullable=False),
    Column("recipient", Text, nullable=False),
    Column("note", Text, nullable=False, server_default=""),
    _ref("desk_id", "desks.id"),
    _ref("owner_id", "contacts.id", nullable=True, index=True),
    Column("reminders", ARRAY(Moment), nullable=False),
    Column("state", Text, nullable=False),
    Column("next_at", Moment),
    Column("begun_at", Moment),  # somebody was first reminded of it
    Column("reopened_at", Moment),  # what was answered before counts no more
    Column("received_at", Moment),  # a reminder was answered, no more
    _ref("received_by", "contacts.id", nullable=True),
    Column("ended_at", Moment),
    Column("ended_by", Text),
    Column("ended_how", Text),
    _ref("reported_by", "contacts.id", nullable=True),  # who replied that it is done
    Column("remark", Text, nullable=False, server_default=""),
    UniqueConstraint("routine_id", "day"),
    CheckConstraint("state IN ('ahead', 'reminded', 'late', 'done', 'skipped')", name="state"),
    # The promise: what is open has a next moment.
    CheckConstraint(
        "(state IN ('ahead', 'reminded', 'late')) = (next_at IS NOT NULL)", name="open_has_next_moment"
    ),
    CheckConstraint("(state IN ('done', 'skipped')) = (ended_at IS NOT NULL)", name="ended_has_moment"),
    CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name="ended_by_somebody"),
    CheckConstraint("ended_how IN ('hand', 'reply')", name="ended_how"),
    CheckConstraint("state <> 'skipped' OR remark <> ''", name="skipped_has_reason"),
    CheckConstraint("(state = 'ahead') <= (begun_at IS NULL)", name="ahead_has_not_begun"),
)
Index(
    "routine_occurrences_open_idx",
    routine_occurrences.c.next_at,
    postgresql_where=routine_occurrences.c.next_at.is_not(None),
)
Index("routine_occurrences_due_idx", routine_occurrences.c.due_at)

# The duty calls by which somebody was reminded of it.
routine_calls = Table(
    "routine_calls",
    metadata,
    Column("call_id", UUID(as_uuid=True), ForeignKey("issued_warnings.id"), primary_key=True),
    _ref("occurrence_id", "routine_occurrences.id", index=True),
    Column("step", Text, nullable=False),  # duty.routines.planning.Step
    Column("made_at", Moment, nullable=False),
    CheckConstraint("step IN ('remind', 'tell_late', 'call_late', 'remind_late')", name="step"),
)

# Risk reminder letters (风险提醒函): written, signed by a second person, sent to units, never changed after.
letters = Table(
    "letters",
    metadata,
    _id(),
    _ref("warning_id", "issued_warnings.id", nullable=True, index=True),
    Column("title", Text, nullable=False),
    # 发文字号: 沁水应急函〔2026〕3号. The number is drawn when it is signed: without gaps in a year.
    Column("series", Text, nullable=False),
    Column("year", SmallInteger),
    Column("number", Integer),
    Column("language", Text, nullable=False),
    Column("exercise", Boolean, nullable=False),
    Column("facts", JSONB, nullable=False),  # of the warning, as it was when the letter was begun
    Column("risk", Text, nullable=False, server_default=""),
    Column("requests", Text, nullable=False, server_default=""),
    Column("confirm_minutes", SmallInteger, nullable=False),  # within which each unit is to confirm
    Column("body", ARRAY(Text)),  # paragraphs, as it was signed
    Column("state", Text, nullable=False),
    Column("version", Integer, nullable=False),  # of the draft
    Column("written_at", Moment, nullable=False),
    Column("written_by", Text, nullable=False),
    Column("signed_at", Moment),
    Column("signed_by", Text),
    Column("sent_at", Moment),
    Column("sent_by", Text),
    Column("ended_at", Moment),  # withdrawn, or thrown away before it was signed
    Column("ended_by", Text),
    Column("reason", Text, nullable=False, server_default=""),
    UniqueConstraint("series", "year", "number"),
    CheckConstraint("state IN ('draft', 'signed', 'sent', 'withdrawn', 'discarded')", name="state"),
    # The promise: whoever wrote it is never the one who signs it.
    CheckConstraint("signed_by IS NULL OR signed_by <> written_by", name="two_persons"),
    CheckConstraint("(state IN ('draft', 'discarded')) = (signed_at IS NULL)", name="signed_has_moment"),
    CheckConstraint(
        "(signed_at IS NULL) = (signed_by IS NULL) AND (signed_at IS NULL) = (body IS NULL)"
        " AND (signed_at IS NULL) = (number IS NULL) AND (number IS NULL) = (year IS NULL)",
        name="signed_as_a_whole",
    ),
    CheckConstraint("state <> 'sent' OR sent_at IS NOT NULL", name="sent_has_moment"),
    CheckConstraint(
        "(state IN ('withdrawn', 'discarded')) = (ended_at IS NOT NULL)", name="ended_has_moment"
    ),
    CheckConstraint("state <> 'withdrawn' OR reason <> ''", name="withdrawn_has_reason"),
)
Index("letters_open_idx", letters.c.id, postgresql_where=letters.c.state.in_(["draft", "signed", "sent"]))

# To whom a letter goes (主送), and what came of it: a desk, or whoever holds a post.
letter_units = Table(
    "letter_units",
    metadata,
    _id(),
    _ref("letter_id", "letters.id", index=True),
    Column("position", SmallInteger, nullable=False),
    _ref("desk_id", "desks.id", nullable=True),
    _ref("post_id", "posts.id", nullable=True),
    Column("label", Text, nullable=False),
    _ref("call_id", "issued_warnings.id", nullable=True, index=True),
    Column("state", Text, nullable=False),
    Column("next_at", Moment),
    Column("confirmed_at", Moment),
    _ref("confirmed_by", "contacts.id", nullable=True),
    Column("confirmed_how", Text),
    UniqueConstraint("letter_id", "position"),
    UniqueConstraint("letter_id", "desk_id"),
    UniqueConstraint("letter_id", "post_id"),
    CheckConstraint("(desk_id IS NULL) <> (post_id IS NULL)", name="desk_or_post"),
    CheckConstraint("state IN ('chosen', 'asked', 'confirmed', 'silent', 'withdrawn')", name="state"),
    # The promise: whoever was asked has a next moment.
    CheckConstraint("state <> 'asked' OR next_at IS NOT NULL", name="asked_has_next_moment"),
    CheckConstraint("(state = 'confirmed') = (confirmed_at IS NOT NULL)", name="confirmed_has_moment"),
)
Index("letter_units_open_idx", letter_units.c.next_at, postgresql_where=letter_units.c.next_at.is_not(None))

# When roll calls are held by themselves (点名计划). What is kept on going has a next moment.
roll_call_plans = Table(
    "roll_call_plans",
    metadata,
    _id(),
    Column("name", Text, nullable=False),
    Column("days", ARRAY(SmallInteger), nullable=False),  # of the week, Monday is 0
    # By local time: at `begins`, or at a minute drawn anew each time from `begins` up to `ends`.
    Column("begins", Text, nullable=False),
    Column("ends", Text),
    Column("terms", JSONB, nullable=False),  # duty.roll_calls.model.Terms
    Column("made_at", Moment, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("next_at", Moment),
    Column("ended_at", Moment),
    # The promise: a plan that goes on has a next moment.
    CheckConstraint("(ended_at IS NULL) = (next_at IS NOT NULL)", name="going_on_has_next_moment"),
    CheckConstraint("cardinality(days) BETWEEN 1 AND 7", name="some_day"),
)

# A roll call (点名, 抽查) of duty desks, by hand or by a plan.
roll_calls = Table(
    "roll_calls",
    metadata,
    _id(),
    _ref("plan_id", "roll_call_plans.id", nullable=True),
    Column("planned_at", Moment, nullable=False),
    Column("terms", JSONB, nullable=False),
    # Desks drawn at random: the seed, and every desk that could have been drawn with its weight.
    Column("seed", Text),
    Column("pool", JSONB, nullable=False, server_default="[]"),
    Column("asked_by", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("next_at", Moment),
    Column("postponed_at", Moment),  # since then a grave warning has gone before it
    Column("started_at", Moment),
    Column("ends_at", Moment),  # who has not answered by then counts as silent
    Column("ended_at", Moment),
    Column("reason", Text),  # why it ended otherwise than by itself
    _ref("call_id", "issued_warnings.id", nullable=True),
    # However often a moment of a plan is looked at, it is one roll call.
    UniqueConstraint("plan_id", "planned_at"),
    CheckConstraint("state IN ('waiting', 'running', 'ended', 'called_off')", name="state"),
    # The promise: what is not over has a next moment.
    CheckConstraint("(state IN ('waiting', 'running')) = (next_at IS NOT NULL)", name="open_has_next_moment"),
    CheckConstraint("(state IN ('ended', 'called_off')) = (ended_at IS NOT NULL)", name="over_has_moment"),
    CheckConstraint("state <> 'running' OR (started_at IS NOT NULL AND ends_at IS NOT NULL)", name="begun"),
)
Index("roll_calls_planned_idx", roll_calls.c.planned_at)
Index("roll_calls_open_idx", roll_calls.c.next_at, postgresql_where=roll_calls.c.next_at.is_not(None))

# The desks of a roll call, and what the calls came to: kept as it was seen when it ended.
roll_call_desks = Table(
    "roll_call_desks",
    metadata,
    _ref("roll_call_id", "roll_calls.id"),
    _ref("desk_id", "desks.id", index=True),
    Column("outcome", Text),  # null while it is being called
    Column("reason", Text),
    Column("asked_ids", ARRAY(UUID(as_uuid=True)), nullable=False, server_default="{}"),
    _ref("answered_by", "contacts.id", nullable=True),
    Column("answered_how", Text),
    Column("rung_at", Moment),  # the first ring, or text, that the carrier took on
    Column("answered_at", Moment),
    PrimaryKeyConstraint("roll_call_id", "desk_id"),
    CheckConstraint("outcome IN ('present', 'silent', 'declined', 'nobody', 'broken_off')", name="outcome"),
)

# What the officer says of a desk under a roll call, beside what was seen; the last one counts.
roll_call_marks = Table(
    "roll_call_marks",
    metadata,
    _id(),
    _ref("roll_call_id", "roll_calls.id", index=True),
    _ref("desk_id", "desks.id"),
    Column("outcome", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("made_by", Text, nullable=False),
    CheckConstraint("outcome IN ('present', 'silent', 'declined', 'nobody', 'absent')", name="outcome"),
)

# Days on which townships report at fixed hours (每日调度), with the questions of the form.
daily_plans = Table(
    "daily_plans",
    metadata,
    _id(),
    Column("name", Text, nullable=False),
    Column("first", Date, nullable=False),
    Column("last", Date, nullable=False),
    Column("hours", ARRAY(Text), nullable=False),  # by local time: 09:00
    Column("form", JSONB, nullable=False),  # duty.daily.model.Form
    Column("area_code", Text, ForeignKey("areas.code"), nullable=False),
    Column("desk_ids", ARRAY(UUID(as_uuid=True)), nullable=False, server_default="{}"),  # none: all under it
    Column("limit_min", SmallInteger, nullable=False),  # until who is missing is rung
    Column("closes_min", SmallInteger, nullable=False),  # until who is missing is an alarm
    Column("made_at", Moment, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("next_at", Moment),
    Column("ended_at", Moment),
    CheckConstraint("last >= first", name="forward"),
    CheckConstraint("limit_min > 0 AND closes_min > limit_min", name="limits_in_order"),
    CheckConstraint("cardinality(hours) BETWEEN 1 AND 12", name="some_hour"),
    # The promise: a plan that goes on has a next moment.
    CheckConstraint("(ended_at IS NULL) = (next_at IS NOT NULL)", name="going_on_has_next_moment"),
)

# One round of it: asked by text, chased by call, closed.
daily_rounds = Table(
    "daily_rounds",
    metadata,
    _id(),
    _ref("plan_id", "daily_plans.id"),
    Column("planned_at", Moment, nullable=False),
    Column("form", JSONB, nullable=False),
    Column("state", Text, nullable=False),
    Column("asked_at", Moment, nullable=False),
    Column("limit_at", Moment, nullable=False),
    Column("closes_at", Moment, nullable=False),
    Column("next_at", Moment),
    Column("closed_at", Moment),
    _ref("call_id", "issued_warnings.id", nullable=True),
    _ref("chase_id", "issued_warnings.id", nullable=True),
    UniqueConstraint("plan_id", "planned_at"),
    CheckConstraint("state IN ('asking', 'chasing', 'closed')", name="state"),
    # The promise: a round that is not closed has a next moment.
    CheckConstraint("(state = 'closed') = (next_at IS NULL)", name="open_has_next_moment"),
    CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name="closed_has_moment"),
)
Index("daily_rounds_planned_idx", daily_rounds.c.planned_at)
Index("daily_rounds_open_idx", daily_rounds.c.next_at, postgresql_where=daily_rounds.c.next_at.is_not(None))

daily_desks = Table(
    "daily_desks",
    metadata,
    _ref("round_id", "daily_rounds.id"),
    _ref("desk_id", "desks.id", index=True),
    Column("missed_at", Moment),  # the round closed without it
    PrimaryKeyConstraint("round_id", "desk_id"),
)

# What a desk reported in a round. A correction is a further version: the first one stays.
daily_reports = Table(
    "daily_reports",
    metadata,
    _id(),
    _ref("round_id", "daily_rounds.id"),
    _ref("desk_id", "desks.id"),
    Column("version", SmallInteger, nullable=False),
    Column("how", Text, nullable=False),
    Column("answers", JSONB, nullable=False),  # by the key of the question
    Column("zero", Boolean, nullable=False),  # 零报告: nothing happened
    Column("whole", Boolean, nullable=False),  # nothing is left to be filled in by the officer
    Column("words", Text, nullable=False, server_default=""),  # as they were sent
    Column("said_by", Text, nullable=False, server_default=""),  # by hand: who said it
    Column("reason", Text, nullable=False, server_default=""),  # of a correction by hand
    Column("at", Moment, nullable=False),  # when it was said
    Column("late", Boolean, nullable=False),
    _ref("contact_id", "contacts.id", nullable=True, index=True),
    _ref("inbox_item_id", "inbox_items.id", nullable=True),
    Column("written_at", Moment, nullable=False),
    Column("written_by", Text, nullable=False),
    UniqueConstraint("round_id", "desk_id", "version"),
    # The same text is read once.
    UniqueConstraint("inbox_item_id", "desk_id"),
    CheckConstraint("how IN ('text', 'link', 'hand')", name="how"),
    CheckConstraint("how <> 'hand' OR said_by <> ''", name="by_hand_says_who"),
)

# --- warnings (预警) ----------------------------------------------------------------------------

# Where warnings come from (预警来源): a polled feed, a program that pushes with a token, a folder, a person.
warning_sources = Table(
    "warning_sources",
    metadata,
    _id(),
    # As `issued_warnings.source` and `received_messages.source` have it.
    Column("name", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("enabled", Boolean, nullable=False, server_default=text("true")),
    # How long a warning waits for the officer before it starts: {colour: seconds}; what is not named starts
    # at once (warnings.holding.HoldPolicy).
    Column("hold_s", JSONB, nullable=False, server_default="{}"),
    Column("notes", Text),
    Column("address", Text),  # what is polled, or the folder that is watched
    # Hosts beside that of the address to which an index of this source may lead; others are never asked.
    Column("allowed_hosts", ARRAY(Text), nullable=False, server_default="{}"),
    # The address lies in a network of our own: only then may a name lead to a private address.
    Column("inside_network", Boolean, nullable=False, server_default=false()),
    Column("headers", JSONB, nullable=False, server_default="{}"),
    Column("interval_s", Integer, nullable=False, server_default="300"),
    Column("silence_s", Integer),  # nothing heard for so long is an alarm; null: silence is no news
    Column("credential_kind", Text),
    Column("credential_name", Text),  # of the header or the parameter; of `basic` the user
    Column("credential_locked", LargeBinary),  # storage.secret_box
    Column("proof", Text, nullable=False, server_default="token"),  # how a pushing program proves itself
    Column("signing_locked", LargeBinary),  # storage.secret_box
    Column("created_at", Moment, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("watched_from", Moment, nullable=False),  # business time: silence is counted from here
    # --- how its collecting stands; moments by the wall, like every interval towards the outside ---
    Column("next_poll_at", Moment),
    # One collector among all processes; the lease has an id, so that who was overtaken writes nothing.
    Column("leased_until", Moment),
    Column("lease_id", UUID(as_uuid=True)),
    # Written after what was fetched is stored, so that a crash between fetches it again and loses nothing.
    Column("etag", Text),
    Column("last_modified", Text),
    Column("body_sha256", LargeBinary),
    Column("last_poll_at", Moment),
    Column("last_success_at", Moment),
    Column("failures", Integer, nullable=False, server_default="0"),  # in a row
    Column("failing_since", Moment),
    Column("trouble", Text),  # why the last poll failed, in a sentence
    # --- what the desk was told, so that it is told once; by business time ---
    Column("troubled_as", Text),
    Column("troubled_since", Moment),
    CheckConstraint("kind IN ('push', 'poll', 'folder', 'hand')", name="kind"),
    CheckConstraint("credential_kind IN ('header', 'query', 'basic')", name="credential_kind"),
    CheckConstraint("proof IN ('token', 'signature', 'both')", name="proof"),
    CheckConstraint("kind NOT IN ('poll', 'folder') OR address IS NOT NULL", name="collected_has_address"),
    # The promise: what is collected has a next moment.
    CheckConstraint(
        "kind NOT IN ('poll', 'folder') OR next_poll_at IS NOT NULL", name="collected_has_next_moment"
    ),
)

# The entries of index feeds whose link was followed, or given up: each is fetched once.
source_entries = Table(
    "source_entries",
    metadata,
    Column("source_id", UUID(as_uuid=True), ForeignKey("warning_sources.id", ondelete="CASCADE")),
    Column("entry_sha256", LargeBinary, nullable=False),  # of id, updated and link together
    Column("seen_at", Moment, nullable=False),
    Column("tries", SmallInteger, nullable=False),
    Column("outcome", Text),  # taken, refused, given_up; null while it is still tried
    PrimaryKeyConstraint("source_id", "entry_sha256"),
    CheckConstraint("outcome IN ('taken', 'refused', 'given_up')", name="outcome"),
)

# Every message that reached us, byte for byte, also what was refused: the quarantine.
received_messages = Table(
    "received_messages",
    metadata,
    _id(),
    Column("received_at", Moment, nullable=False),
    Column("source", Text, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("body_sha256", LargeBinary, nullable=False),
    Column("disposition", Text, nullable=False),
    Column("reason", Text),
    Column("complaints", JSONB, nullable=False, server_default="[]"),
)
# How a source does: its newest messages, and those of a day.
Index("received_messages_source_idx", received_messages.c.source, received_messages.c.received_at)

issued_warnings = Table(
    "issued_warnings",
    metadata,
    _id(),
    _ref("message_id", "received_messages.id", nullable=True),
    Column("source", Text, nullable=False),
    Column("sender", Text, nullable=False),
    Column("identifier", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("content_sha256", LargeBinary, nullable=False),
    Column("kind", Text, nullable=False),  # alert, update, cancel, all-clear
    Column("exercise", Boolean, nullable=False),
    Column("hazard", Text, nullable=False),
    Column("event", Text, nullable=False),  # the event in words, as sent: 暴雨
    Column("event_code", Text),
    Column("colour", Text),
    Column("sender_name", Text),
    Column("headline", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("instruction", Text),
    Column("area_names", Text, nullable=False),
    Column("area_codes", ARRAY(Text), nullable=False),
    Column("polygons", JSONB, nullable=False, server_default="[]"),  # lists of [lat, lon], closed
    Column("circles", JSONB, nullable=False, server_default="[]"),  # {lat, lon, radius_km}
    Column("references", JSONB, nullable=False, server_default="[]"),  # {sender, identifier, sent}
    Column("sent_at", Moment, nullable=False),
    Column("valid_from", Moment, nullable=False),
    Column("valid_to", Moment, nullable=False),
    Column("received_at", Moment, nullable=False),
    Column("state", Text, nullable=False),
    Column("reason", Text),
    # What people write before their answer to say which warning they mean (`1 A7`).
    Column("reference", Text, nullable=False),
    _ref("replaces_id", "issued_warnings.id", nullable=True),
    # The one that took its place. Not the reverse of `replaces_id`: a message may replace several.
    _ref("replaced_by_id", "issued_warnings.id", nullable=True, index=True),
    Column("matched_at", Moment),
    Column("closed_at", Moment),
    # Withdrawn, and those who were reached have not been told yet.
    Column("stand_down_due", Boolean, nullable=False, server_default=false()),
    # Why it is held (warnings.holding.HoldReason), and its clock: then it starts or the leader is called.
    Column("hold_reason", Text),
    Column("hold_until", Moment),
    Column("hold_next_at", Moment),
    # What its text leaves open: {field, words, text, choices}.
    Column("questions", JSONB, nullable=False, server_default="[]"),
    # By hand: who confirmed it, how many people the preview counted, and who was the second to confirm.
    Column("written_by", Text),
    Column("people_planned", Integer),
    Column("second_by", Text),
    # What it is there for (warnings.purpose.Purpose): a warning, or something of ours that calls people.
    Column("purpose", Text, nullable=False, server_default="warning"),
    # Asks the leader on duty for a decision on that held warning, and calls nobody else.
    _ref("request_for_id", "issued_warnings.id", nullable=True),
    # Townships whose village people wait, since nothing finer than their county's outline is known
    # (dispatch.waiting); those that were let go; and when the rest go by themselves. `release_due`: let go,
    # and not called yet.
    Column("waiting_areas", ARRAY(Text), nullable=False, server_default="{}"),
    Column("released_areas", ARRAY(Text), nullable=False, server_default="{}"),
    Column("release_at", Moment),
    Column("release_due", Boolean, nullable=False, server_default=false()),
    # Paused: nothing new of it is handed over (dispatch.steering.pausing); when the desk is told next.
    Column("paused_at", Moment),
    Column("paused_by", Text),
    Column("pause_reason", Text),
    Column("pause_next_at", Moment),
    # A drill on real telephones: who wants it, who was the second to agree, and when.
    Column("real_phones_by", Text),
    Column("real_phones_second", Text),
    Column("real_phones_at", Moment),
    # The same content under the same identifier is one warning, however often it is delivered.
    UniqueConstraint("sender", "identifier", "content_sha256"),
    UniqueConstraint("sender", "identifier", "version"),
    CheckConstraint(
        "state IN ('received', 'held', 'ignored', 'matched', 'withdrawn', 'closed')", name="state"
    ),
    CheckConstraint("colour IN ('blue', 'yellow', 'orange', 'red')", name="colour"),
    CheckConstraint(
        "purpose IN ('warning', 'request', 'response', 'sign_on', 'roll_call', 'daily', 'report', 'routine',"
        " 'letter')",
        name="purpose",
    ),
    # The promise: what is held has a next moment.
    CheckConstraint("state <> 'held' OR hold_next_at IS NOT NULL", name="held_has_next_moment"),
    # Whoever confirmed it first is never the second person too.
    CheckConstraint("second_by IS NULL OR second_by <> written_by", name="two_persons"),
    # The promise: what is paused has a next moment, and only what calls is paused.
    CheckConstraint("(paused_at IS NULL) = (pause_next_at IS NULL)", name="paused_has_next_moment"),
    CheckConstraint("paused_at IS NULL OR state IN ('received', 'matched')", name="paused_is_calling"),
    # Real telephones ring for a drill when two persons said so, and never one alone.
    CheckConstraint("(real_phones_second IS NULL) = (real_phones_at IS NULL)", name="real_phones_agreed"),
    CheckConstraint(
        "real_phones_second IS NULL OR (exercise AND real_phones_second <> real_phones_by)",
        name="real_phones_two_persons",
    ),
)
Index(
    "issued_warnings_held_idx",
    issued_warnings.c.hold_next_at,
    postgresql_where=issued_warnings.c.state == "held",
)
Index(
    "issued_warnings_requests_idx",
    issued_warnings.c.request_for_id,
    postgresql_where=issued_warnings.c.request_for_id.is_not(None),
)
Index(
    "issued_warnings_working_idx",
    issued_warnings.c.received_at,
    postgresql_where=issued_warnings.c.state.in_(["received", "held", "matched"]),
)
Index(
    "issued_warnings_stand_down_idx",
    issued_warnings.c.id,
    postgresql_where=issued_warnings.c.stand_down_due,
)
Index(
    "issued_warnings_release_idx",
    issued_warnings.c.id,
    postgresql_where=issued_warnings.c.release_due | issued_warnings.c.release_at.is_not(None),
)
Index(
    "issued_warnings_paused_idx",
    issued_warnings.c.id,
    postgresql_where=issued_warnings.c.paused_at.is_not(None),
)
Index("issued_warnings_reference_idx", issued_warnings.c.reference, issued_warnings.c.received_at)

# What was told wrongly, put right (更正): planned as texts and calls by the stage `close`.
corrections = Table(
    "corrections",
    metadata,
    _id(),  # made with the form: the same form sent twice is one correction
    _ref("warning_id", "issued_warnings.id", index=True),
    Column("fact", Text, nullable=False),  # what was wrong
    Column("text", Text, nullable=False),
    Column("by_call", Boolean, nullable=False),  # a grave warning is corrected by call as well
    Column("created_at", Moment, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("planned_at", Moment),
    CheckConstraint("fact IN ('place', 'time', 'colour', 'action', 'other')", name="fact"),
)
Index("corrections_due_idx", corrections.c.id, postgresql_where=corrections.c.planned_at.is_(None))

# One warning, several roads: what came through another source than the warning itself.
warning_deliveries = Table(
    "warning_deliveries",
    metadata,
    _id(),
    _ref("warning_id", "issued_warnings.id", index=True),
    _ref("message_id", "received_messages.id"),
    Column("source", Text, nullable=False),
    Column("sender", Text, nullable=False),
    Column("identifier", Text, nullable=False),
    Column("content_sha256", LargeBinary, nullable=False),
    Column("received_at", Moment, nullable=False),
    # It says otherwise than the warning that stands, and the officer has not been told yet.
    Column("dispute_due", Boolean, nullable=False, server_default=false()),
    # The same delivery again is a repetition.
    UniqueConstraint("warning_id", "source", "content_sha256"),
)
Index("warning_deliveries_identifier_idx", warning_deliveries.c.identifier)
Index(
    "warning_deliveries_dispute_idx",
    warning_deliveries.c.id,
    postgresql_where=warning_deliveries.c.dispute_due,
)

# A warning that somebody writes by hand or pastes: nothing of it is a warning before it is confirmed.
warning_drafts = Table(
    "warning_drafts",
    metadata,
    _id(),
    Column("pasted", Text),  # the text that it was read from, where there was one
    Column("fields", JSONB, nullable=False),  # warnings.drafts.DraftFields
    Column("evidence", JSONB, nullable=False, server_default="[]"),
    Column("questions", JSONB, nullable=False, server_default="[]"),
    Column("created_at", Moment, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("changed_at", Moment, nullable=False),
    # Confirmed comes before taken in: after a kill between the two it is taken in by the next who looks.
    Column("confirmed_at", Moment),
    Column("confirmed_by", Text),
    _ref("warning_id", "issued_warnings.id", nullable=True),
    Column("discarded_at", Moment),
)
Index(
    "warning_drafts_open_idx",
    warning_drafts.c.created_at,
    postgresql_where=warning_drafts.c.warning_id.is_(None) & warning_drafts.c.discarded_at.is_(None),
)

# --- monitored thresholds (监测站) ----------------------------------------------------------------

# Gauges and sensors, and how it stands at each.
stations = Table(
    "stations",
    metadata,
    _id(),
    Column("code", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("area_codes", ARRAY(Text), nullable=False),  # the places that are threatened
    Column("lat", Double),
    Column("lon", Double),
    Column("thresholds", JSONB, nullable=False),  # {window_s, prepare, evacuate}
    Column("silent_after_s", Integer, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("standing", JSONB, nullable=False),  # warnings.stations.model.Standing
    Column("level", Text, nullable=False, server_default="none"),
    Column("level_at", Moment),
    # What has gone through the door of warnings; behind `level`, the stage `watch` has work.
    Column("announced_level", Text, nullable=False, server_default="none"),
    Column("announced_identifier", Text),
    Column("announced_at", Moment),
    Column("announced_until", Moment),
    Column("last_reading_at", Moment),  # by the station's own clock
    Column("last_value", Double),
    Column("heard_at", Moment, nullable=False),  # by ours; silence is measured from here
    Column("silent_since", Moment),
    CheckConstraint("kind IN ('rain', 'level', 'slope', 'methane')", name="kind"),
    CheckConstraint("level IN ('none', 'prepare', 'evacuate')", name="level"),
    CheckConstraint("announced_level IN ('none', 'prepare', 'evacuate')", name="announced_level"),
)
Index(
    "stations_unannounced_idx",
    stations.c.id,
    postgresql_where=stations.c.level != stations.c.announced_level,
)

readings = Table(
    "readings",
    metadata,
    Column("station_id", UUID(as_uuid=True), ForeignKey("stations.id"), primary_key=True),
    Column("at", Moment, primary_key=True),
    Column("value", Double, nullable=False),
    Column("received_at", Moment, nullable=False),
    Column("plausible", Boolean, nullable=False),
)

# --- ladders, responsibilities, call-outs (叫应) ---------------------------------------------------

# The ladders in force, as edited; a newer version supersedes, none is ever overwritten.
ladders = Table(
    "ladders",
    metadata,
    _id(),
    Column("version", Integer, nullable=False, unique=True),
    Column("body", JSONB, nullable=False),
    Column("text", Text),  # as it was written, with its remarks; null: only the body was kept
    Column("note", Text),  # what changed and why, in the words of whoever saved it
    Column("created_at", Moment, nullable=False),
    Column("created_by", Text, nullable=False),
)

# A county's own wordings (措辞): a newer version supersedes, none is ever overwritten.
wordings = Table(
    "wordings",
    metadata,
    _id(),
    Column("path", Text, nullable=False),  # templates.files.WordingFile.path
    Column("version", Integer, nullable=False),
    Column("body", Text),  # null: what comes along is in force again
    Column("note", Text),
    Column("created_at", Moment, nullable=False),
    Column("created_by", Text, nullable=False),
    UniqueConstraint("path", "version"),
)

# A draft of the ladders held against past warnings, one after the other: as many results as warnings done.
ladder_trials = Table(
    "ladder_trials",
    metadata,
    _id(),
    Column("text", Text, nullable=False),
    Column("warning_ids", ARRAY(UUID(as_uuid=True)), nullable=False),
    Column("results", JSONB, nullable=False, server_default="[]"),  # dispatch.ladders.comparing.TrialResult
    Column("created_at", Moment, nullable=False),
    Column("created_by", Text, nullable=False),
)

# Dry runs, so that the next of the same warning can say what is different since.
dry_runs = Table(
    "dry_runs",
    metadata,
    _id(),
    Column("subject", Text, nullable=False),  # hazard, colour and places: what makes two runs comparable
    Column("figures", JSONB, nullable=False),  # dispatch.outlook.figures.Figures
    Column("first_ids", ARRAY(UUID(as_uuid=True)), nullable=False),  # whom the first rungs ask
    Column("later_ids", ARRAY(UUID(as_uuid=True)), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("created_by", Text, nullable=False),
)
Index("dry_runs_subject_idx", dry_runs.c.subject, dry_runs.c.id)

# What was copied from the ladders when a warning was matched; later edits do not reach it.
frozen_ladders = Table(
    "frozen_ladders",
    metadata,
    _id(),
    _ref("warning_id", "issued_warnings.id", index=True),
    Column("tier", Text, nullable=False),
    Column("body", JSONB, nullable=False),
    UniqueConstraint("warning_id", "tier"),
)

responsibilities = Table(
    "responsibilities",
    metadata,
    _id(),
    _ref("warning_id", "issued_warnings.id"),
    _ref("post_id", "posts.id", nullable=True),
    _ref("desk_id", "desks.id", nullable=True),
    # A task of a response that the post or the desk is ordered to do, beside its duty under the warning.
    _ref("task_id", "response_tasks.id", nullable=True, index=True),
    Column("area_code", Text, ForeignKey("areas.code"), nullable=False),
    Column("label", Text, nullable=False),  # 龙港镇 防汛责任人, as it was when matched
    _ref("ladder_id", "frozen_ladders.id"),
    Column("why", JSONB, nullable=False),  # the reason of the match: area, hazard, direction
    # Which version of the chain of warnings asked for it; it moves on with the chain, this stays.
    Column("version", SmallInteger, nullable=False, server_default="1"),
    Column("state", Text, nullable=False),
    Column("reason", Text),
    Column("rung", SmallInteger, nullable=False),  # index of the rung begun last; -1 before the first
    Column("rung_began_at", Moment),
    # The wait of a rung runs from its first accepted hand-over, so that nobody is passed over in the queue.
    Column("wait_from", Moment),
    Column("next_at", Moment),
    Column("deadline_at", Moment, nullable=False),
    # Stepped (逐级): its turn has come by this moment at the latest. Null where it is asked directly.
    Column("turn_at", Moment),
    Column("listed_at", Moment),  # when it went onto the officer's list: the deadline passed uncovered
    # An officer asked for the next person now, instead of waiting on this rung.
    Column("leave_rung", SmallInteger),
    Column("ended_at", Moment),
    CheckConstraint("(post_id IS NULL) <> (desk_id IS NULL)", name="post_or_desk"),
    CheckConstraint("state IN ('open', 'covered', 'uncovered', 'withdrawn')", name="state"),
    # The promise: what is open has a next moment. An uncovered one gets it back when somebody answers late.
    CheckConstraint("state <> 'open' OR next_at IS NOT NULL", name="open_has_next_moment"),
)
# A warning asks for each post and each desk once, and for each task once.
Index(
    "responsibilities_warning_id_post_id_area_code_key",
    responsibilities.c.warning_id,
    responsibilities.c.post_id,
    responsibilities.c.area_code,
    unique=True,
    postgresql_where=responsibilities.c.task_id.is_(None),
)
Index(
    "responsibilities_warning_id_desk_id_key",
    responsibilities.c.warning_id,
    responsibilities.c.desk_id,
    unique=True,
    postgresql_where=responsibilities.c.task_id.is_(None),
)
Index(
    "responsibilities_warning_id_task_id_key",
    responsibilities.c.warning_id,
    responsibilities.c.task_id,
    unique=True,
    postgresql_where=responsibilities.c.task_id.is_not(None),
)
Index(
    "responsibilities_due_idx",
    responsibilities.c.next_at,
    postgresql_where=responsibilities.c.next_at.is_not(None),
)

# Who waits for others to answer first, looked for whenever somebody has.
Index(
    "responsibilities_waiting_idx",
    responsibilities.c.warning_id,
    postgresql_where=responsibilities.c.turn_at.is_not(None) & (responsibilities.c.rung == text("-1")),
)

call_outs = Table(
    "call_outs",
    metadata,
    _id(),
    _ref("warning_id", "issued_warnings.id"),
    _ref("contact_id", "contacts.id", index=True),
    # Asked by this version of the chain. What a later version adds is asked in a call-out of its own: an
    # answer never counts for a duty that the person was not told of.
    Column("version", SmallInteger, nullable=False, server_default="1"),
    Column("state", Text, nullable=False),
    Column("reason", Text),
    # Danger first: smaller is sooner; a drill stands below everything real.
    Column("priority", SmallInteger, nullable=False),
    # What the strongest of the person's rungs asks for.
    Column("channels", ARRAY(Text), nullable=False),
    Column("in_turn", Boolean, nullable=False, server_default=false()),  # one channel a try, not side by side
    # A walk to somebody's door (door) is asked in a call-out of its own: to take it on answers for nothing.
    Column("kind", Text, nullable=False, server_default="call"),
    Column("tries", SmallInteger, nullable=False),
    Column("gap_s", Integer, nullable=False),
    Column("round", SmallInteger, nullable=False),  # rounds of attempts already planned
    Column("next_at", Moment),
    # Every number is called as often as its carrier allows, until then: the next person is asked meanwhile.
    Column("calls_again_at", Moment),
    Column("matched_at", Moment, nullable=False),
    Column("answered_at", Moment),
    Column("answered_how", Text),
    Column("late", Boolean, nullable=False, server_default=false()),
    Column("ended_at", Moment),
    # An officer gave it a fresh set of tries.
    Column("called_again_at", Moment),
    Column("called_again_by", Text),
    # One person under one version of a warning is one call-out: several posts, one ring.
    UniqueConstraint("warning_id", "contact_id", "version"),
    CheckConstraint("state IN ('open', 'answered', 'declined', 'exhausted', 'withdrawn')", name="state"),
    CheckConstraint("kind IN ('call', 'door')", name="kind"),
    # The promise: what is open has a next moment.
    CheckConstraint("(state = 'open') = (next_at IS NOT NULL)", name="open_has_next_moment"),
)
Index("call_outs_due_idx", call_outs.c.next_at, postgresql_where=call_outs.c.state == "open")

call_out_roles = Table(
    "call_out_roles",
    metadata,
    _ref("call_out_id", "call_outs.id"),
    _ref("responsibility_id", "responsibilities.id", index=True),
    Column("role", Text, nullable=False),  # in which they are asked (dispatch.ladders.model.Who)
    Column("rung", SmallInteger, nullable=False),
    Column("since", Moment, nullable=False),
    Column("ended_at", Moment),  # somebody else fills the role now: it binds this person no more
    UniqueConstraint("call_out_id", "responsibility_id", "role"),
    CheckConstraint(
        "role IN ('holder', 'deputy', 'desk', 'leader', 'superior', 'door', 'post', 'person')", name="role"
    ),
)

# Somebody goes to the door of who was not woken (上门任务).
door_tasks = Table(
    "door_tasks",
    metadata,
    _id(),
    _ref("responsibility_id", "responsibilities.id", index=True),
    _ref("sleeper_id", "call_outs.id", index=True),  # whom to wake
    _ref("call_out_id", "call_outs.id", index=True),  # whose task it is, asked by this call-out
    Column("state", Text, nullable=False),
    Column("reason", Text),
    Column("assigned_at", Moment, nullable=False),
    Column("assigned_by", Text, nullable=False),
    Column("taken_at", Moment),
    Column("due_at", Moment),  # once it is taken: word is expected by then
    Column("next_at", Moment),
    Column("asked_at", Moment),  # for word, once
    Column("ended_at", Moment),
    Column("ended_by", Text),  # who noted it
    Column("said", Text),
    UniqueConstraint("responsibility_id", "sleeper_id", "call_out_id"),
    CheckConstraint("state IN ('open', 'taken', 'done', 'failed', 'withdrawn')", name="state"),
    # The promise: what is open has a next moment.
    CheckConstraint("(state IN ('open', 'taken')) = (next_at IS NOT NULL)", name="open_has_next_moment"),
    CheckConstraint("state NOT IN ('failed', 'withdrawn') OR reason IS NOT NULL", name="ended_has_reason"),
)

# --- responses (应急响应) and their tasks -------------------------------------------------------------

# The plans (预案) in force, as edited; a newer version supersedes, none is ever overwritten.
response_plans = Table(
    "response_plans",
    metadata,
    _id(),
    Column("version", Integer, nullable=False, unique=True),
    Column("body", JSONB, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("created_by", Text, nullable=False),
)

responses = Table(
    "responses",
    metadata,
    _id(),
    # Under which its tasks are called: the warning that opened it and its later versions, or a row that
    # stands for a response opened by hand.
    _ref("warning_id", "issued_warnings.id", index=True),
    Column("by_hand", Boolean, nullable=False, server_default=false()),
    Column("plan", Text, nullable=False),  # 防汛, as the plans name it
    Column("plan_version", Integer),  # null: from no plan
    Column("area_names", Text, nullable=False),
    Column("exercise", Boolean, nullable=False),
    Column("state", Text, nullable=False),
    Column("level", Text),  # in force; null while it is only proposed
    Column("asked_level", Text),  # waits for the officer, and begins by itself at `next_at`
    Column("reason", Text, nullable=False),  # of the last change
    Column("proposed_at", Moment, nullable=False),
    Column("opened_at", Moment),
    Column("opened_by", Text),
    Column("changed_at", Moment, nullable=False),
    Column("ended_at", Moment),
    Column("ended_by", Text),
    Column("next_at", Moment),
    CheckConstraint("state IN ('proposed', 'running', 'ended')", name="state"),
    CheckConstraint("level IN ('I', 'II', 'III', 'IV')", name="level"),
    CheckConstraint("asked_level IN ('I', 'II', 'III', 'IV')", name="asked_level"),
    CheckConstraint("state <> 'running' OR level IS NOT NULL", name="running_has_level"),
    # The promise: what has not ended has a next moment.
    CheckConstraint("(state = 'ended') = (next_at IS NULL)", name="going_on_has_next_moment"),
)
Index("responses_due_idx", responses.c.next_at, postgresql_where=responses.c.next_at.is_not(None))

response_tasks = Table(
    "response_tasks",
    metadata,
    _id(),
    _ref("response_id", "responses.id", index=True),
    Column("key", Text, nullable=False),  # as the plan names it; by hand `hand`
    Column("kind", Text, nullable=False),
    Column("order_text", Text, nullable=False),
    Column("unit", Text, nullable=False),  # the department, township or enterprise, as it is shown
    Column("label", Text, nullable=False),
    Column("area_code", Text, ForeignKey("areas.code"), nullable=False),
    # Whoever holds the post or stands at the desk is ordered; neither: nobody is there to be ordered.
    _ref("post_id", "posts.id", nullable=True),
    _ref("desk_id", "desks.id", nullable=True),
    Column("evidence", ARRAY(Text), nullable=False, server_default="{}"),  # what is asked: figures, note
    Column("team", JSONB),  # {strength, origin, destination} of a team or of stock that is sent
    Column("ordered_by", Text, nullable=False),
    Column("ordered_at", Moment, nullable=False),
    Column("deadline_at", Moment, nullable=False),
    Column("state", Text, nullable=False),
    Column("reason", Text),  # why it failed or was lifted
    Column("next_at", Moment),
    Column("listed_at", Moment),  # its deadline passed, or nobody is there to be ordered
    Column("reminders", SmallInteger, nullable=False, server_default="0"),
    Column("taken_at", Moment),
    Column("set_out_at", Moment),
    Column("arrived_at", Moment),
    Column("done_at", Moment),
    Column("failed_at", Moment),
    Column("lifted_at", Moment),
    Column("restored_at", Moment),
    Column("figures", JSONB, nullable=False, server_default="{}"),  # of the newest report that has any
    Column("note", Text),
    CheckConstraint(
        "state IN ('ordered', 'taken', 'set_out', 'arrived', 'done', 'failed', 'lifted', 'restored')",
        name="state",
    ),
    CheckConstraint("post_id IS NULL OR desk_id IS NULL", name="one_addressee"),
    # The promise: what is ordered and not done has a next moment.
    CheckConstraint(
        "(state IN ('ordered', 'taken', 'set_out', 'arrived')) = (next_at IS NOT NULL)",
        name="open_has_next_moment",
    ),
)
Index(
    "response_tasks_due_idx", response_tasks.c.next_at, postgresql_where=response_tasks.c.next_at.is_not(None)
)
# A plan orders each thing of each place once at a time.
Index(
    "response_tasks_once_idx",
    response_tasks.c.response_id,
    response_tasks.c.key,
    response_tasks.c.area_code,
    response_tasks.c.post_id,
    response_tasks.c.desk_id,
    unique=True,
    postgresql_nulls_not_distinct=True,
    postgresql_where=(response_tasks.c.key != "hand") & response_tasks.c.lifted_at.is_(None),
)

# What somebody asked for on a page, done by the stage `respond`: another level, the end, an order lifted.
response_wishes = Table(
    "response_wishes",
    metadata,
    _id(),
    _ref("response_id", "responses.id"),
    _ref("task_id", "response_tasks.id", nullable=True),
    Column("wish", Text, nullable=False),
    Column("level", Text),
    Column("reason", Text, nullable=False),
    Column("asked_by", Text, nullable=False),
    Column("asked_at", Moment, nullable=False),
    Column("done_at", Moment),
    CheckConstraint("wish IN ('level', 'end', 'lift')", name="wish"),
    CheckConstraint("(wish = 'level') = (level IS NOT NULL)", name="level_is_named"),
    CheckConstraint("(wish = 'lift') = (task_id IS NOT NULL)", name="task_is_named"),
)
Index("response_wishes_open_idx", response_wishes.c.id, postgresql_where=response_wishes.c.done_at.is_(None))

# What was reported on a task, word for word; the newest figures count, none is ever overwritten.
task_reports = Table(
    "task_reports",
    metadata,
    _id(),
    _ref("task_id", "response_tasks.id", index=True),
    Column("event", Text, nullable=False),
    Column("how", Text, nullable=False),  # text, key, hand
    Column("figures", JSONB, nullable=False, server_default="{}"),
    Column("said", Text),
    Column("at", Moment, nullable=False),
    _ref("contact_id", "contacts.id", nullable=True),
    Column("by_user", Text),
    _ref("inbox_item_id", "inbox_items.id", nullable=True),
)

# --- attempts (呼叫) ------------------------------------------------------------------------------

attempts = Table(
    "attempts",
    metadata,
    _id(),
    _ref("warning_id", "issued_warnings.id", nullable=True),
    _ref("call_out_id", "call_outs.id", nullable=True, index=True),
    _ref("contact_id", "contacts.id", nullable=True),
    _ref("number_check_id", "number_checks.id", nullable=True),
    Column("purpose", Text, nullable=False),  # call, lowered, stand_down, correction, reply, ask, check
    Column("channel", Text, nullable=False),  # sms, voice
    Column("gateway", Text, nullable=False),
    Column("number", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("parts", SmallInteger, nullable=False),
    Column("demonstration", Boolean, nullable=False),
    Column("exercise", Boolean, nullable=False),
    # Of a drill that two persons allowed on real telephones.
    Column("real_phones", Boolean, nullable=False, server_default=false()),
    Column("priority", SmallInteger, nullable=False),
    Column("round", SmallInteger, nullable=False),
    # Fair between warnings: whose attempt is next among those of one priority and round.
    Column("turn", Integer, nullable=False, server_default="0"),
    Column("state", Text, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),  # pointless to hand over after this
    # A retry after a doubtful hand-over is a new row that points at the one before.
    _ref("previous_id", "attempts.id", nullable=True),
    Column("worker_id", UUID(as_uuid=True)),
    Column("claimed_at", Moment),
    Column("lease_until", Moment),
    Column("looks", SmallInteger, nullable=False, server_default="0"),  # at the carrier, after a doubt
    Column("carrier_ref", Text),
    Column("outcome_code", Text),
    Column("outcome_text", Text),
    Column("refused_scope", Text),  # whom a refusal was about (gateways.base.Scope)
    Column("accepted_at", Moment),
    Column("report_by", Moment),  # accepted, and silent past this: lost
    Column("ended_at", Moment),
    # Of a call: who picked up (gateways.base.PickedUp), how long they were connected, and when the whole
    # message had been played to them without a key (dispatch.call_endings).
    Column("picked_up_by", Text),
    Column("heard_s", Integer),
    Column("heard_whole_at", Moment),
    # One hand-over of the carrier belongs to one attempt.
    UniqueConstraint("gateway", "carrier_ref"),
    CheckConstraint(
        "state IN ('due', 'sending', 'accepted', 'delivered', 'answered', 'failed', 'lost', 'withdrawn')",
        name="state",
    ),
    CheckConstraint("channel IN ('sms', 'voice')", name="channel"),
    CheckConstraint(
        "purpose IN ('call', 'lowered', 'stand_down', 'correction', 'reply', 'ask', 'check')", name="purpose"
    ),
    CheckConstraint("(purpose = 'check') = (number_check_id IS NOT NULL)", name="check_has_run"),
    CheckConstraint("purpose <> 'call' OR call_out_id IS NOT NULL", name="call_has_call_out"),
    CheckConstraint("(state = 'sending') = (lease_until IS NOT NULL)", name="sending_has_lease"),
    # A made-up person is called through the simulator only.
    CheckConstraint("gateway = 'simulator' OR NOT demonstration", name="demonstration_is_simulated"),
    CheckConstraint("picked_up_by IN ('human', 'machine', 'fax', 'unknown')", name="picked_up_by"),
    # So is a drill, unless two persons said otherwise.
    CheckConstraint("gateway = 'simulator' OR NOT exercise OR real_phones", name="drill_is_simulated"),
)
Index(
    "attempts_due_idx",
    attempts.c.gateway,
    attempts.c.channel,
    attempts.c.priority,
    attempts.c.round,
    attempts.c.turn,
    attempts.c.due_at,
    postgresql_where=attempts.c.state == "due",
)
# A stage that runs twice plans a round once.
Index(
    "attempts_once_a_round_idx",
    attempts.c.call_out_id,
    attempts.c.channel,
    attempts.c.round,
    attempts.c.previous_id,
    unique=True,
    postgresql_nulls_not_distinct=True,
    postgresql_where=attempts.c.purpose == "call",
)
# What an attempt names beside the call-out that it was made for: several warnings, one ring.
attempt_call_outs = Table(
    "attempt_call_outs",
    metadata,
    Column("attempt_id", UUID(as_uuid=True), ForeignKey("attempts.id"), nullable=False),
    _ref("call_out_id", "call_outs.id", index=True),
    # As it was told: the call-out may go on under a later version.
    _ref("warning_id", "issued_warnings.id"),
    Column("round", SmallInteger, nullable=False),  # of that call-out
    PrimaryKeyConstraint("attempt_id", "call_out_id"),
)
# What reached a number last, for telling which message a plain answer means.
Index("attempts_number_idx", attempts.c.number, attempts.c.accepted_at)
# Who heard already that a warning is over.
Index("attempts_told_idx", attempts.c.warning_id, postgresql_where=attempts.c.purpose == "stand_down")
# What a check has asked already, and whether the last it asked of a number is still unanswered.
Index(
    "attempts_check_idx",
    attempts.c.number_check_id,
    attempts.c.number,
    postgresql_where=attempts.c.purpose == "check",
)
Index(
    "attempts_in_flight_idx",
    attempts.c.gateway,
    attempts.c.channel,
    attempts.c.state,
    postgresql_where=attempts.c.state.in_(["sending", "accepted"]),
)

# How long a warning's first pass was expected to take, and took: the error is kept, and shown.
forecasts = Table(
    "forecasts",
    metadata,
    _id(),
    _ref("warning_id", "issued_warnings.id"),
    Column("kind", Text, nullable=False),  # before the first call, or running
    Column("made_at", Moment, nullable=False),
    Column("gateway", Text, nullable=False),
    Column("lines", Integer, nullable=False),  # 0 is unlimited
    Column("people", Integer, nullable=False),
    Column("unrung", Integer, nullable=False),  # of these people: not rung once yet
    Column("calls", Integer, nullable=False),  # of all rounds still to come
    Column("parts", Integer, nullable=False),
    Column("measured", Integer, nullable=False),  # calls that its lengths are known of; 0: assumed
    Column("first_pass_end", Moment, nullable=False),  # expected
    Column("all_rounds_end", Moment, nullable=False),  # expected
    Column("binding", Text, nullable=False),
    Column("lines_needed", Integer),  # so that everybody is rung once within five minutes
    Column("curve", JSONB, nullable=False),  # [[seconds, people not yet rung], …]
    _ref("last_contact_id", "contacts.id", nullable=True),
    Column("last_label", Text),  # 上河村 防汛责任人: the last in the queue
    Column("ended_at", Moment),  # when the first pass really ended, or was cut short
    Column("outcome", Text),
    CheckConstraint("kind IN ('before', 'running')", name="kind"),
    CheckConstraint("binding IN ('lines', 'calls_per_s', 'parts_per_s', 'none')", name="binding"),
    CheckConstraint("outcome IN ('reached', 'cut_short')", name="outcome"),
    CheckConstraint("(ended_at IS NULL) = (outcome IS NULL)", name="ended_has_outcome"),
)
Index("forecasts_warning_idx", forecasts.c.warning_id, forecasts.c.made_at)
Index("forecasts_open_idx", forecasts.c.warning_id, postgresql_where=forecasts.c.ended_at.is_(None))
# Each warning is forecast once before it begins.
Index(
    "forecasts_before_idx",
    forecasts.c.warning_id,
    unique=True,
    postgresql_where=forecasts.c.kind == "before",
)

# --- what comes back: inbox (回执/来话), answers (应答), feedback (反馈) -------------------------------

# A raw report or reply from a carrier, stored once, before the carrier hears that we have it.
inbox_items = Table(
    "inbox_items",
    metadata,
    _id(),
    Column("received_at", Moment, nullable=False),
    Column("gateway", Text, nullable=False),
    Column("kind", Text, nullable=False),  # report, text, key, ring
    # A redelivered webhook finds its key taken.
    Column("dedupe_key", Text, nullable=False),
    Column("attempt_id", UUID(as_uuid=True)),  # as the carrier named it: a hint, checked when settled
    Column("carrier_ref", Text),
    Column("from_number", Text),
    Column("to_number", Text),
    Column("content", JSONB, nullable=False),
    Column("state", Text, nullable=False),
    Column("outcome", Text),
    Column("settled_at", Moment),
    _ref("contact_id", "contacts.id", nullable=True),
    UniqueConstraint("gateway", "dedupe_key"),
    CheckConstraint("state IN ('unread', 'settled')", name="state"),
)
Index("inbox_items_unread_idx", inbox_items.c.received_at, postgresql_where=inbox_items.c.state == "unread")

answers = Table(
    "answers",
    metadata,
    _id(),
    _ref("warning_id", "issued_warnings.id", index=True),
    _ref("call_out_id", "call_outs.id", index=True),
    _ref("contact_id", "contacts.id"),
    Column("how", Text, nullable=False),  # dispatch.grades.How
    Column("meaning", Text, nullable=False),  # dispatch.replies.Meaning; told: by a broadcast, no answer
    Column("said", Text),
    Column("at", Moment, nullable=False),
    _ref("inbox_item_id", "inbox_items.id", nullable=True),
    Column("by_user", Text),
    Column("late", Boolean, nullable=False),
    Column("shared_number", Boolean, nullable=False, server_default=false()),
    UniqueConstraint("call_out_id", "inbox_item_id"),
    CheckConstraint(
        "how IN ('text', 'key', 'link', 'hand', 'door', 'radio', 'gong', 'loudspeaker', 'group_chat')",
        name="how",
    ),
    # The promise: a gong, a loudspeaker or a group chat never counts as somebody's answer.
    CheckConstraint(
        "(how IN ('gong', 'loudspeaker', 'group_chat')) = (meaning = 'told')", name="broadcast_only_tells"
    ),
)

# Addresses that a text may hold (JIAOYING_TEXT_LINKS): whoever has one answers for these call-outs without
# signing in. The token itself stands in the text alone.
answer_links = Table(
    "answer_links",
    metadata,
    Column("token_sha256", LargeBinary, nullable=False),
    _ref("call_out_id", "call_outs.id", index=True),
    _ref("attempt_id", "attempts.id"),  # the text that held it
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("opened_at", Moment),  # for the first time; by a person or by a program that looks at links
    Column("used_at", Moment),  # the first answer
    PrimaryKeyConstraint("token_sha256", "call_out_id"),
)

# Photos that came with feedback.
attachments = Table(
    "attachments",
    metadata,
    _id(),
    _ref("warning_id", "issued_warnings.id"),
    _ref("call_out_id", "call_outs.id", index=True),
    Column("at", Moment, nullable=False),
    Column("media_type", Text, nullable=False),  # as its first bytes say, never as the sender says
    Column("size", Integer, nullable=False),
    Column("sha256", LargeBinary, nullable=False),
    Column("body", LargeBinary),  # null: erased with its person
    UniqueConstraint("call_out_id", "sha256"),
    CheckConstraint("media_type IN ('image/jpeg', 'image/png', 'image/webp')", name="media_type"),
)

feedback = Table(
    "feedback",
    metadata,
    _id(),
    _ref("warning_id", "issued_warnings.id", index=True),
    _ref("call_out_id", "call_outs.id", index=True),
    Column("stage", Text, nullable=False),  # dispatch.feedback.FeedbackStage
    Column("households", Integer),
    Column("people", Integer),
    # Whose figures these are: the place as it was when they were said, whatever the person answers for later.
    Column("area_code", Text),
    Column("said", Text),
    Column("at", Moment, nullable=False),
    _ref("inbox_item_id", "inbox_items.id", nullable=True),
    Column("by_user", Text),  # a correction by the officer
)

# What somebody who answered still has to report, stage by stage (dispatch.feedback_clocks).
feedback_clocks = Table(
    "feedback_clocks",
    metadata,
    _id(),
    _ref("call_out_id", "call_outs.id"),
    Column("stage", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("next_at", Moment),
    Column("asked_at", Moment),
    Column("missed_at", Moment),
    Column("ended_at", Moment),
    # Each stage is asked for once.
    UniqueConstraint("call_out_id", "stage"),
    CheckConstraint("state IN ('running', 'asked', 'missed', 'reported', 'over')", name="state"),
    # The promise: what runs has a next moment; what was missed stands before the officer.
    CheckConstraint(
        "(state IN ('running', 'asked')) = (next_at IS NOT NULL)", name="running_has_next_moment"
    ),
)
Index(
    "feedback_clocks_due_idx",
    feedback_clocks.c.next_at,
    postgresql_where=feedback_clocks.c.next_at.is_not(None),
)

# --- people who sign in, programs that call ----------------------------------------------------

users = Table(
    "users",
    metadata,
    _id(),
    Column("name", Text, nullable=False, unique=True),
    Column("role", Text, nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("disabled_at", Moment),
    CheckConstraint(
        "role IN ('officer', 'leader', 'keeper', 'township', 'inspector', 'operator')", name="role"
    ),
)

user_sessions = Table(
    "user_sessions",
    metadata,
    Column("token_sha256", LargeBinary, primary_key=True),
    _ref("user_id", "users.id"),
    Column("csrf_token", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
)

api_tokens = Table(
    "api_tokens",
    metadata,
    _id(),
    Column("name", Text, nullable=False, unique=True),
    Column("token_sha256", LargeBinary, nullable=False, unique=True),
    Column("scopes", ARRAY(Text), nullable=False),
    # What it pushes comes from this source.
    _ref("source_id", "warning_sources.id", nullable=True),
    Column("created_at", Moment, nullable=False),
    Column("revoked_at", Moment),
)

# --- the ledger (台账) --------------------------------------------------------------------------

# Append-only: the serving role may read and insert, nothing else.
ledger_lines = Table(
    "ledger_lines",
    metadata,
    _id(),
    Column("at", Moment, nullable=False),
    Column("event", Text, nullable=False),
    Column("actor", Text, nullable=False),  # the stage, the user or the gateway that did it
    # No foreign keys: the story outlives what it tells of.
    Column("warning_id", UUID(as_uuid=True)),
    Column("responsibility_id", UUID(as_uuid=True)),
    Column("call_out_id", UUID(as_uuid=True)),
    Column("attempt_id", UUID(as_uuid=True)),
    Column("contact_id", UUID(as_uuid=True)),
    Column("facts", JSONB, nullable=False),  # states, codes, counts; never a name or a number
    Column("particulars_digest", LargeBinary),
    Column("hash", LargeBinary, nullable=False),
    # The writing transaction: what is older than every running one can be sealed (ledger.sealer).
    Column("tx", BigInteger, nullable=False, server_default=text("pg_current_xact_id()::text::bigint")),
)
Index("ledger_lines_warning_idx", ledger_lines.c.warning_id, ledger_lines.c.id)
Index("ledger_lines_call_out_idx", ledger_lines.c.call_out_id, ledger_lines.c.id)
Index("ledger_lines_tx_idx", ledger_lines.c.tx)
# What was done to a person's record. Lines of calls are many, and are found by their call-out.
Index(
    "ledger_lines_contact_idx",
    ledger_lines.c.contact_id,
    ledger_lines.c.id,
    postgresql_where=ledger_lines.c.warning_id.is_(None) & ledger_lines.c.contact_id.is_not(None),
)
# The first step of a person who was opened together with many: found by its moment.
Index(
    "ledger_lines_together_idx",
    ledger_lines.c.at,
    postgresql_where=ledger_lines.c.event == "call_outs.opened",
)

# Names, numbers and texts of a line; may be erased while the line and its seal still verify.
ledger_particulars = Table(
    "ledger_particulars",
    metadata,
    Column("line_id", UUID(as_uuid=True), primary_key=True),
    Column("salt", LargeBinary, nullable=False),
    Column("body", JSONB, nullable=False),
)

# Batches of committed lines, chained: each seal holds the hash of the one before.
ledger_seals = Table(
    "ledger_seals",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("sealed_at", Moment, nullable=False),
    Column("tx_below", BigInteger, nullable=False),  # every line with a smaller tx is in this seal or before
    # Whose transaction counter that is: a database restored into a new cluster counts from the start again.
    Column("cluster", BigInteger, nullable=False),
    Column("line_ids", ARRAY(UUID(as_uuid=True)), nullable=False),
    Column("line_hashes", LargeBinary, nullable=False),  # 32 bytes a line, in the order of line_ids
    Column("previous_hash", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
)
Index("ledger_seals_cluster_idx", ledger_seals.c.cluster)
