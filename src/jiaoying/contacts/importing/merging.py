"""Two records of one person become one."""

from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import text

from jiaoying.ledger.append import append_entries
from jiaoying.ledger.entries import Entry
from jiaoying.storage.database import Tx

# Copied, not moved: a call-out that runs under the younger record goes on with its numbers. A number that
# both have keeps the elder's record of it.
_NUMBERS = (
    """
    INSERT INTO contact_numbers (
        id, contact_id, number, kind, preference, opted_out_at, standing, standing_at, failures, reached_at,
        verified_at, verified_how
    )
    SELECT gen_random_uuid(), :elder, number, kind, preference + (
            SELECT COALESCE(MAX(preference), 0) FROM contact_numbers WHERE contact_id = :elder
        ), opted_out_at, standing, standing_at, failures, reached_at, verified_at, verified_how
    FROM contact_numbers WHERE contact_id = :younger
    ON CONFLICT (contact_id, number) DO NOTHING
    """,
    """
    UPDATE contact_numbers AS one SET preference = placed.place
    FROM (
        SELECT id, row_number() OVER (
            ORDER BY array_position(ARRAY['mobile', 'satellite', 'landline'], kind), preference, number
        ) AS place
        FROM contact_numbers WHERE contact_id = :elder
    ) AS placed WHERE placed.id = one.id AND placed.place <> one.preference
    """,
)
# One person holds a post once: of two the younger ends, and its word fills what the elder's lacks.
_POSTS = (
    """
    UPDATE posts AS kept SET
        deputy_id = COALESCE(kept.deputy_id, NULLIF(twin.deputy_id, :elder)),
        superior_id = COALESCE(kept.superior_id, NULLIF(twin.superior_id, :elder)),
        hazards = CASE WHEN 0 IN (cardinality(kept.hazards), cardinality(twin.hazards))
            THEN CAST(ARRAY[] AS text[])
            ELSE ARRAY(SELECT DISTINCT unnest(kept.hazards || twin.hazards)) END
    FROM posts AS twin
    WHERE kept.holder_id = :elder AND twin.holder_id = :younger AND {twins} AND {in_force}
    """,
    """
    UPDATE posts AS twin SET valid_to = :yesterday
    FROM posts AS kept
    WHERE kept.holder_id = :elder AND twin.holder_id = :younger AND {twins} AND {in_force}
    """,
    "UPDATE posts SET holder_id = :elder WHERE holder_id = :younger",
    "UPDATE posts SET deputy_id = NULLIF(:elder, holder_id) WHERE deputy_id = :younger",
    "UPDATE posts SET superior_id = NULLIF(:elder, holder_id) WHERE superior_id = :younger",
    "UPDATE posts SET deputy_id = NULL WHERE holder_id = :elder AND deputy_id = :elder",
    "UPDATE posts SET superior_id = NULL WHERE holder_id = :elder AND superior_id = :elder",
)
_TWINS = (
    "(kept.area_code, kept.kind, kept.level) = (twin.area_code, twin.kind, twin.level)"
    " AND kept.danger_point_id IS NOT DISTINCT FROM twin.danger_point_id"
)
_IN_FORCE = (
    "(kept.valid_to IS NULL OR kept.valid_to > :yesterday)"
    " AND (twin.valid_to IS NULL OR twin.valid_to > :yesterday)"
)
_ELSEWHERE = (
    "UPDATE threatened_households SET helper_id = :elder WHERE helper_id = :younger",
    "UPDATE desks SET fallback_contact_id = :elder WHERE fallback_contact_id = :younger",
    "UPDATE shifts SET officer_id = :elder WHERE officer_id = :younger",
    "UPDATE shifts SET leader_id = :elder WHERE leader_id = :younger",
    "UPDATE shifts SET second_id = :elder WHERE second_id = :younger",
    "UPDATE shift_changes SET person_id = :elder WHERE person_id = :younger",
    "UPDATE leaves SET person_id = :elder WHERE person_id = :younger",
    # Whoever came under either name has come; nobody hands over to themselves, under two names neither.
    """
    UPDATE sign_ons AS one SET person_id = :elder
    WHERE person_id = :younger AND NOT EXISTS (
        SELECT FROM sign_ons AS other WHERE other.shift_id = one.shift_id AND other.person_id = :elder)
    """,
    """
    UPDATE handovers SET handed_person_id = :elder
    WHERE handed_person_id = :younger AND taken_person_id IS DISTINCT FROM :elder
    """,
    """
    UPDATE handovers SET taken_person_id = :elder
    WHERE taken_person_id = :younger AND handed_person_id IS DISTINCT FROM :elder
    """,
    """
    INSERT INTO desk_members (desk_id, role, person_id, position)
    SELECT desk_id, role, :elder, position FROM desk_members WHERE person_id = :younger
    ON CONFLICT (desk_id, role, person_id) DO NOTHING
    """,
    "DELETE FROM desk_members WHERE person_id = :younger",
    # What was asked of the younger is asked of the elder, unless it was asked before.
    """
    INSERT INTO contact_doubts (id, kind, one_id, other_id, raised_at, decision, decided_at, decided_by)
    SELECT gen_random_uuid(), kind, LEAST(:elder, third), GREATEST(:elder, third), raised_at, decision,
        decided_at, decided_by
    FROM (
        SELECT *, CASE one_id WHEN :younger THEN other_id ELSE one_id END AS third
        FROM contact_doubts WHERE :younger IN (one_id, other_id)
    ) AS asked
    WHERE third <> :elder
    ON CONFLICT (one_id, other_id) DO NOTHING
    """,
)
_RECORDS = (
    """
    UPDATE contacts AS elder SET
        unit = COALESCE(elder.unit, younger.unit), title = COALESCE(elder.title, younger.title),
        note = COALESCE(elder.note, younger.note), retired_at = NULL,
        demonstration = elder.demonstration AND younger.demonstration
    FROM contacts AS younger WHERE elder.id = :elder AND younger.id = :younger
    """,
    "UPDATE contacts SET merged_into_id = :elder WHERE merged_into_id = :younger",
    "UPDATE contacts SET merged_into_id = :elder, retired_at = :now WHERE id = :younger",
)


async def merge_people(tx: Tx, elder: UUID, younger: UUID, *, today: date, now: datetime, actor: str) -> None:
    """Give the elder record everything that the younger one has, but for the call-outs: a warning that
    called somebody goes on calling them as it began.

    The younger record stays for the story, off the roster, and its name goes on meaning the elder.
    """
    words = {"twins": _TWINS, "in_force": _IN_FORCE}
    known = {"elder": elder, "younger": younger, "now": now, "yesterday": today - timedelta(days=1)}
    for statement in (*_NUMBERS, *_POSTS, *_ELSEWHERE, *_RECORDS):
        written = text(statement.format(**words) if statement in _POSTS else statement)
        await tx.execute(written, {name: known[name] for name in written.compile().params})
    facts = {"merged_into_id": str(elder)}
    lines = [
        Entry(now, "contact.merged", actor, contact_id=younger, facts=facts),
        Entry(now, "contact.changed", actor, contact_id=elder, facts={"merged_id": str(younger)}),
    ]
    await append_entries(tx, lines)
