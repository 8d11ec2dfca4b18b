"""What erasing somebody asks and does, table by table: the statements of `contacts.erasing`.

Their values: `people` are the ids of the person's records, `names` what they were called, `numbers` what
only they were reached by, `digits` the same without the country, as it stands in texts; `call_outs`,
`attempts` and `items` of the inbox are the ids that TRACES finds.
"""

from collections.abc import Mapping

from sqlalchemy import (
    ARRAY,
    LargeBinary,
    Text,
    TextClause,
    Uuid,
    bindparam,
    cast,
    func,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from jiaoying.storage.database import Tx
from jiaoying.storage.schema import metadata


def _asking(sql: str) -> TextClause:
    """A statement whose lists go as one array each."""
    ids = ("people", "call_outs", "attempts", "items", "lines")
    lists = [bindparam(name, type_=ARRAY(Uuid())) for name in ids if f":{name}" in sql]
    words = ("names", "numbers", "digits")
    lists += [bindparam(name, type_=ARRAY(Text())) for name in words if f":{name}" in sql]
    return text(sql).bindparams(*lists)


# The record itself, and those that were made one with it.
RECORDS = text(
    """
    WITH RECURSIVE
        up (id, merged_into_id) AS (
            SELECT id, merged_into_id FROM contacts WHERE id = :person
            UNION SELECT above.id, above.merged_into_id
            FROM contacts AS above JOIN up ON above.id = up.merged_into_id
        ),
        records (id, depth) AS (
            SELECT id, 0 FROM up WHERE merged_into_id IS NULL
            UNION SELECT below.id, depth + 1
            FROM contacts AS below JOIN records ON below.merged_into_id = records.id
        )
    SELECT contacts.id, name, kind, erased_at FROM contacts JOIN records USING (id) ORDER BY depth, id
    """
)
OWN_NUMBERS = _asking(
    """
    SELECT DISTINCT number FROM contact_numbers WHERE contact_id = ANY (:people)
    EXCEPT SELECT number FROM contact_numbers WHERE contact_id <> ALL (:people)
    """
)
# What was done with them: their call-outs, the calls to them, and what came back.
TRACES = _asking(
    """
    WITH
        called AS (SELECT id FROM call_outs WHERE contact_id = ANY (:people)),
        tried AS (
            SELECT id, gateway, carrier_ref FROM attempts
            WHERE contact_id = ANY (:people) OR number = ANY (:numbers)
               OR call_out_id IN (SELECT id FROM called)
        )
    SELECT
        ARRAY(SELECT id FROM called) AS call_outs,
        ARRAY(SELECT id FROM tried) AS attempts,
        ARRAY(
            SELECT id FROM inbox_items
            WHERE contact_id = ANY (:people)
               OR contact_id IS NULL AND from_number = ANY (:numbers)
               OR attempt_id IN (SELECT id FROM tried)
               OR (gateway, carrier_ref) IN (SELECT gateway, carrier_ref FROM tried)
        ) AS items
    """
)
OBSTACLES = _asking(
    """
    SELECT
        ARRAY(
            SELECT DISTINCT areas.name || ' ' || posts.kind
            FROM posts JOIN areas ON areas.code = posts.area_code
            WHERE (valid_to IS NULL OR valid_to >= CAST(:now AS timestamptz)::date)
              AND ARRAY[holder_id, deputy_id, superior_id] && :people
            ORDER BY 1 LIMIT :most
        ) AS posts,
        ARRAY(
            SELECT DISTINCT danger_points.name
            FROM threatened_households JOIN danger_points ON danger_points.id = danger_point_id
            WHERE helper_id = ANY (:people) ORDER BY 1 LIMIT :most
        ) AS households,
        EXISTS (SELECT FROM call_outs WHERE contact_id = ANY (:people) AND state = 'open') AS call_outs,
        EXISTS (
            SELECT FROM attempts WHERE id = ANY (:attempts) AND state IN ('due', 'sending', 'accepted')
        ) OR EXISTS (SELECT FROM inbox_items WHERE id = ANY (:items) AND state = 'unread') AS messages,
        ARRAY(
            SELECT name FROM desks
            WHERE fallback_contact_id = ANY (:people) OR id IN (
                SELECT desk_id FROM rota_seats WHERE ends_at > :now AND person_id = ANY (:people)
                UNION SELECT desk_id FROM desk_members WHERE person_id = ANY (:people)
            )
            ORDER BY name LIMIT :most
        ) AS rota,
        ARRAY(
            SELECT title FROM routines WHERE owner_id = ANY (:people) AND ended_at IS NULL
            UNION SELECT title FROM routine_occurrences
            WHERE owner_id = ANY (:people) AND next_at IS NOT NULL
            ORDER BY title LIMIT :most
        ) AS duties,
        EXISTS (SELECT FROM alarms WHERE contact_id = ANY (:people) AND cleared_at IS NULL) AS alarms
    """
)
VACATE_POSTS = _asking(
    """
    UPDATE posts SET
        holder_id = CASE WHEN holder_id = ANY (:people) THEN NULL ELSE holder_id END,
        deputy_id = CASE WHEN deputy_id = ANY (:people) THEN NULL ELSE deputy_id END,
        superior_id = CASE WHEN superior_id = ANY (:people) THEN NULL ELSE superior_id END
    WHERE (valid_to IS NULL OR valid_to >= CAST(:now AS timestamptz)::date)
      AND ARRAY[holder_id, deputy_id, superior_id] && :people
    RETURNING id, area_code, kind
    """
)
# Lines about the person, their call-outs, their calls and what came back, whoever wrote them; lines that
# hold one of their numbers; and of the lines about nobody in particular those that hold the name.
LINES_ABOUT = _asking(
    """
    SELECT line.id
    FROM ledger_lines AS line JOIN ledger_particulars AS particulars ON particulars.line_id = line.id
    WHERE line.contact_id = ANY (:people)
       OR line.call_out_id = ANY (:call_outs)
       OR line.attempt_id = ANY (:attempts)
       OR CAST(line.facts->>'inbox_item_id' AS uuid) = ANY (:items)
       OR EXISTS (SELECT FROM unnest(:digits) AS word WHERE strpos(CAST(body AS text), word) > 0)
       OR line.contact_id IS NULL AND line.call_out_id IS NULL AND line.attempt_id IS NULL
          AND EXISTS (SELECT FROM unnest(:names) AS word WHERE strpos(CAST(body AS text), word) > 0)
    """
)
ERASE_PARTICULARS = _asking("SELECT erase_particulars(:person, :lines)")

# In this order: what connects others with the person goes last.
CHANGES: Mapping[str, TextClause] = {
    "alarms": _asking(
        "UPDATE alarms SET text = :erased WHERE contact_id = ANY (:people) OR inbox_item_id = ANY (:items)"
    ),
    "inbox_items": _asking(
        """
        UPDATE inbox_items SET
            from_number = NULL,
            content = content || (
                SELECT coalesce(jsonb_object_agg(key, ''), '{}') FROM jsonb_object_keys(content) AS key
                WHERE key IN ('from_number', 'text')
            )
        WHERE id = ANY (:items)
        """
    ),
    "attempts": _asking(
        "UPDATE attempts SET number = '', text = '', outcome_text = NULL WHERE id = ANY (:attempts)"
    ),
    "attachments": _asking(
        "UPDATE attachments SET body = NULL WHERE call_out_id = ANY (:call_outs) AND body IS NOT NULL"
    ),
    "answers": _asking(
        "UPDATE answers SET said = NULL WHERE contact_id = ANY (:people) AND said IS NOT NULL"
    ),
    "feedback": _asking(
        "UPDATE feedback SET said = NULL WHERE call_out_id = ANY (:call_outs) AND said IS NOT NULL"
    ),
    "response_tasks": _asking(
        """
        UPDATE response_tasks AS task SET note = NULL
        WHERE note IS NOT NULL AND EXISTS (
            SELECT FROM task_reports AS report
            WHERE report.task_id = task.id AND report.contact_id = ANY (:people) AND report.said = task.note
        )
        """
    ),
    "task_reports": _asking(
        "UPDATE task_reports SET said = NULL WHERE contact_id = ANY (:people) AND said IS NOT NULL"
    ),
    # A file of the duty log that came from their telephone is theirs; what an office sent stays its document.
    "log_files": _asking(
        """
        UPDATE log_files SET body = NULL, name = :erased
        WHERE body IS NOT NULL AND EXISTS (
            SELECT FROM log_entries AS entry CROSS JOIN unnest(:digits) AS word
            WHERE entry.first_id = log_files.first_id AND strpos(entry.phone, word) > 0
        )
        """
    ),
    "leaves": _asking("UPDATE leaves SET reason = :erased WHERE person_id = ANY (:people)"),
    "threatened_households": _asking(
        """
        UPDATE threatened_households SET
            helper_id = CASE WHEN helper_id = ANY (:people) THEN NULL ELSE helper_id END,
            head = CASE WHEN number = ANY (:numbers) AND head = ANY (:names) THEN :erased ELSE head END,
            number = CASE WHEN number = ANY (:numbers) AND head = ANY (:names) THEN NULL ELSE number END
        WHERE helper_id = ANY (:people) OR number = ANY (:numbers) AND head = ANY (:names)
        """
    ),
    # What an undo would put back.
    "roster_changes": _asking(
        """
        UPDATE roster_changes SET
            before = before || blank, after = after || blank
        FROM jsonb_build_object(
            'name', CAST(:erased AS text), 'unit', NULL, 'title', NULL, 'note', NULL
        ) AS blank
        WHERE table_name = 'contacts' AND row_id = ANY (:people)
        """
    ),
    "roster_changes of numbers": _asking(
        """
        DELETE FROM roster_changes
        WHERE table_name = 'contact_numbers'
          AND CAST(coalesce(after, before)->>'contact_id' AS uuid) = ANY (:people)
        """
    ),
    "roster_changes of households": _asking(
        """
        UPDATE roster_changes SET
            before = before || blank, after = after || blank
        FROM jsonb_build_object('head', CAST(:erased AS text), 'number', NULL) AS blank
        WHERE table_name = 'threatened_households'
          AND coalesce(after, before)->>'number' = ANY (:numbers)
          AND coalesce(after, before)->>'head' = ANY (:names)
        """
    ),
    "contact_doubts": _asking(
        "DELETE FROM contact_doubts WHERE one_id = ANY (:people) OR other_id = ANY (:people)"
    ),
    "contact_numbers": _asking("DELETE FROM contact_numbers WHERE contact_id = ANY (:people)"),
    "contacts": _asking(
        """
        UPDATE contacts SET name = :erased, unit = NULL, title = NULL, note = NULL, other_languages = '{}',
            retired_at = coalesce(retired_at, :now), erased_at = :now
        WHERE id = ANY (:people)
        """
    ),
}
# Lists that are only looked at yet: a workbook cannot be searched for one name.
DISCARD_PREVIEWS = text(
    """
    UPDATE roster_imports SET state = 'discarded', file_bytes = NULL, ended_at = :now, ended_by = :actor
    WHERE state = 'previewed'
    """
)
# Of the texts that imports leave: one word after the other, as JSON spells it.
BLANK_TEXTS = text(
    """
    UPDATE roster_imports SET
        differences = CAST(replace(CAST(differences AS text), :word, :erased) AS jsonb),
        complaints = CAST(replace(CAST(complaints AS text), :word, :erased) AS jsonb)
    WHERE strpos(CAST(differences AS text) || CAST(complaints AS text), :word) > 0
    """
)
# Of the duty log, in every version of an entry: one word after the other.
BLANK_LOG = text(
    """
    UPDATE log_entries SET
        unit = replace(unit, :word, :erased), caller = replace(caller, :word, :erased),
        phone = replace(phone, :word, :erased), content = replace(content, :word, :erased),
        handling = replace(handling, :word, :erased), instruction = replace(instruction, :word, :erased),
        feedback = replace(feedback, :word, :erased), reason = replace(reason, :word, :erased),
        place = replace(place, :word, :erased), host = replace(host, :word, :erased),
        units = replace(units, :word, :erased), decision = replace(decision, :word, :erased)
    WHERE strpos(
        concat_ws(' ', unit, caller, phone, content, handling, instruction, feedback, reason,
                  place, host, units, decision), :word) > 0
    """
)
# And of the names of its files.
BLANK_FILE_NAMES = text(
    "UPDATE log_files SET name = replace(name, :word, :erased) WHERE strpos(name, :word) > 0"
)
# Of incidents and what was reported on them: what a report says goes on, with the word gone from it.
BLANK_INCIDENTS: Mapping[str, TextClause] = {
    "incident_reports": text(
        """
        UPDATE incident_reports SET
            facts = (
                SELECT coalesce(jsonb_object_agg(key, CASE WHEN jsonb_typeof(value) = 'string'
                    THEN to_jsonb(replace(value #>> '{}', :word, :erased)) ELSE value END), '{}')
                FROM jsonb_each(facts)
            ),
            addressees = replace(addressees, :word, :erased), reporter = replace(reporter, :word, :erased),
            phone = replace(phone, :word, :erased), signer = replace(signer, :word, :erased),
            returned_why = replace(returned_why, :word, :erased)
        WHERE strpos(concat_ws(' ', facts, addressees, reporter, phone, signer, returned_why), :word) > 0
        """
    ),
    "incident_sendings": text(
        """
        UPDATE incident_sendings SET
            sent_to = replace(sent_to, :word, :erased), how = replace(how, :word, :erased),
            received_by = replace(received_by, :word, :erased),
            undone_why = replace(undone_why, :word, :erased)
        WHERE strpos(concat_ws(' ', sent_to, how, received_by, undone_why), :word) > 0
        """
    ),
    "incident_obligations": text(
        """
        UPDATE incident_obligations SET lifted_why = replace(lifted_why, :word, :erased)
        WHERE strpos(lifted_why, :word) > 0
        """
    ),
}
# Of what one shift wrote down for the next.
BLANK_HANDOVERS = (
    text(
        """
        UPDATE handovers SET note = replace(note, :word, :erased),
            refused_reason = replace(refused_reason, :word, :erased)
        WHERE strpos(concat_ws(' ', note, refused_reason), :word) > 0
        """
    ),
    text(
        """
        UPDATE handover_items SET
            text = replace(text, :word, :erased), reason = replace(reason, :word, :erased)
        WHERE strpos(concat_ws(' ', text, reason), :word) > 0
        """
    ),
)
# Of what officers noted of desks in roll calls and what desks reported daily; `spelled` as JSON has it.
BLANK_ROLL_CALLS = (
    text(
        """
        UPDATE roll_call_marks SET reason = replace(reason, :word, :erased) WHERE strpos(reason, :word) > 0
        """
    ),
    text(
        """
        UPDATE daily_reports SET
            words = replace(words, :word, :erased), said_by = replace(said_by, :word, :erased),
            reason = replace(reason, :word, :erased),
            answers = CAST(replace(CAST(answers AS text), :spelled, :erased) AS jsonb)
        WHERE strpos(concat_ws(' ', words, said_by, reason, CAST(answers AS text)), :word) > 0
        """
    ),
)
# Of periodic duties and letters, also of the calls about them.
BLANK_DUTIES = (
    text(
        """
        UPDATE routines SET title = replace(title, :word, :erased),
            recipient = replace(recipient, :word, :erased), note = replace(note, :word, :erased)
        WHERE strpos(concat_ws(' ', title, recipient, note), :word) > 0
        """
    ),
    text(
        """
        UPDATE routine_occurrences SET title = replace(title, :word, :erased),
            recipient = replace(recipient, :word, :erased), note = replace(note, :word, :erased),
            remark = replace(remark, :word, :erased)
        WHERE strpos(concat_ws(' ', title, recipient, note, remark), :word) > 0
        """
    ),
    text(
        """
        UPDATE letters SET title = replace(title, :word, :erased), risk = replace(risk, :word, :erased),
            requests = replace(requests, :word, :erased), reason = replace(reason, :word, :erased),
            facts = CAST(replace(CAST(facts AS text), :word, :erased) AS jsonb),
            body = string_to_array(replace(array_to_string(body, chr(10)), :word, :erased), chr(10))
        WHERE strpos(
            concat_ws(' ', title, risk, requests, reason, facts, array_to_string(body, ' ')), :word) > 0
        """
    ),
    text("UPDATE letter_units SET label = replace(label, :word, :erased) WHERE strpos(label, :word) > 0"),
    text(
        """
        UPDATE issued_warnings SET headline = replace(headline, :word, :erased),
            text = replace(text, :word, :erased)
        WHERE purpose IN ('routine', 'letter') AND strpos(concat_ws(' ', headline, text), :word) > 0
        """
    ),
)
# What a list said beside a name that is erased: unit, office, numbers.
BLANK_CHANGES = text(
    """
    UPDATE roster_imports SET differences = (
        SELECT jsonb_agg(
            CASE WHEN one->>'name' = :erased THEN one || '{"changes": []}' ELSE one END ORDER BY place
        )
        FROM jsonb_array_elements(differences) WITH ORDINALITY AS listed(one, place)
    )
    WHERE differences @> jsonb_build_array(jsonb_build_object('name', CAST(:erased AS text)))
    """
)


async def rows_naming(tx: Tx, name: str) -> dict[str, int]:
    """How many rows still hold `name`, by `table.column`: in any text, list, JSON or bytes."""
    found: dict[str, int] = {}
    for table in metadata.sorted_tables:
        columns = [column for column in table.columns if isinstance(column.type, Text | ARRAY | JSONB)]
        binary = [column for column in table.columns if isinstance(column.type, LargeBinary)]
        sees = {column.name: func.strpos(cast(column, Text), name) > 0 for column in columns}
        sees |= {column.name: func.pg_catalog.position(column, name.encode()) > 0 for column in binary}
        if not sees:
            continue
        counts = [func.count().filter(seen).label(column) for column, seen in sees.items()]
        row = (await tx.execute(select(*counts).select_from(table))).one()
        found |= {f"{table.name}.{column}": count for column, count in zip(sees, row, strict=True) if count}
    return found
