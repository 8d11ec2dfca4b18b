"""How well a township's people can be reached (号码核查), and which numbers the keeper must correct."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Text, bindparam, text

from jiaoying.contacts.model import NumberStanding
from jiaoying.kernel.areas import prefix_of
from jiaoying.storage.database import Tx
from jiaoying.storage.rows import read_as
from jiaoying.storage.schema import Moment

# As the gaps have it: a number that was reached in one season.
REACHED_WITHIN = timedelta(days=90)
# A month and some days, so that a monthly check keeps everybody within it.
VERIFIED_WITHIN = timedelta(days=35)
# Off so often in a row is no chance any more.
OFF_TOO_OFTEN = 3


@dataclass(frozen=True, slots=True)
class TownshipScore:
    """People with a post in a township, as holder or deputy; the county's own stand under its code.

    `reached` are those of whom some number was reached within 90 days, `verified` those who answered from
    one of theirs within 35; `unreachable` have no number of which nothing bad is known.
    `asked` and `confirmed` are those of the last check.
    """

    area_code: str
    area_name: str
    people: int
    reached: int
    verified: int
    unreachable: int
    dead_numbers: int
    asked: int
    confirmed: int

    @property
    def score(self) -> int:
        """The share of people reached within 90 days, in whole percent; nobody at all is 0."""
        return percent(self.reached, self.people)


@dataclass(frozen=True, slots=True)
class BadNumber:
    """A number that the keeper must look into. `others` are those of the person that may be good."""

    contact_id: UUID
    name: str
    area_name: str | None
    number: str
    standing: NumberStanding
    standing_at: datetime
    failures: int
    others: int


def percent(part: int, whole: int) -> int:
    """In whole percent, rounded down, so that 100 means everybody."""
    return 100 * part // whole if whole else 0


def together(scores: Sequence[TownshipScore], name: str) -> TownshipScore:
    """The sum of several; who has posts in two townships counts in both."""
    figures = ("people", "reached", "verified", "unreachable", "dead_numbers", "asked", "confirmed")
    return TownshipScore("", name, **{what: sum(getattr(one, what) for one in scores) for what in figures})


_HELD = """
    held AS (
        SELECT DISTINCT left(area_code, 9) || '000' AS township, contact_id
        FROM posts CROSS JOIN LATERAL (VALUES (holder_id), (deputy_id)) AS people (contact_id)
        WHERE area_code LIKE :pattern AND contact_id IS NOT NULL
    )
"""
_SCORES = text(
    f"""
    WITH {_HELD},
    last_check AS (
        SELECT id FROM number_checks ORDER BY started_at DESC LIMIT 1
    ),
    asked AS (
        SELECT n.contact_id, bool_or(a.outcome_code = 'checked') AS confirmed
        FROM attempts a JOIN last_check ON last_check.id = a.number_check_id
        JOIN contact_numbers n ON n.number = a.number
        WHERE a.purpose = 'check' AND a.state <> 'withdrawn'
        GROUP BY n.contact_id
    ),
    people AS (
        SELECT held.township, held.contact_id,
               coalesce(bool_or(n.reached_at > :reached_since), false) AS reached,
               coalesce(bool_or(n.verified_at > :verified_since), false) AS verified,
               coalesce(bool_and(n.standing IN ('dead', 'suspended', 'wrong_person')), true) AS unreachable,
               count(*) FILTER (WHERE n.standing = 'dead') AS dead_numbers
        FROM held LEFT JOIN contact_numbers n ON n.contact_id = held.contact_id
        GROUP BY held.township, held.contact_id
    )
    SELECT township AS area_code, coalesce(areas.name, township) AS area_name,
           count(*) AS people,
           count(*) FILTER (WHERE reached) AS reached,
           count(*) FILTER (WHERE verified) AS verified,
           count(*) FILTER (WHERE unreachable) AS unreachable,
           sum(dead_numbers)::int AS dead_numbers,
           count(asked.contact_id) AS asked,
           count(*) FILTER (WHERE asked.confirmed) AS confirmed
    FROM people
    LEFT JOIN areas ON areas.code = township
    LEFT JOIN asked ON asked.contact_id = people.contact_id
    GROUP BY township, areas.name
    ORDER BY township
    """  # noqa: S608 - a part of our own
).bindparams(
    bindparam("pattern", type_=Text()),
    bindparam("reached_since", type_=Moment),
    bindparam("verified_since", type_=Moment),
)


async def township_scores(tx: Tx, area_code: str, now: datetime) -> list[TownshipScore]:
    """A score for each township under an area where somebody holds a post."""
    rows = await tx.execute(
        _SCORES,
        {
            "pattern": f"{prefix_of(area_code)}%",
            "reached_since": now - REACHED_WITHIN,
            "verified_since": now - VERIFIED_WITHIN,
        },
    )
    return read_as(TownshipScore, rows)


_BAD = text(
    f"""
    WITH {_HELD}
    SELECT n.contact_id, c.name, areas.name AS area_name, n.number, n.standing, n.standing_at, n.failures,
           (SELECT count(*) FROM contact_numbers o
            WHERE o.contact_id = n.contact_id AND o.standing NOT IN ('dead', 'suspended', 'wrong_person')
              AND o.id <> n.id) AS others
    FROM contact_numbers n
    JOIN contacts c ON c.id = n.contact_id
    JOIN (SELECT contact_id, min(township) AS township FROM held GROUP BY contact_id) AS held
         ON held.contact_id = n.contact_id
    LEFT JOIN areas ON areas.code = held.township
    WHERE n.standing IN ('dead', 'suspended', 'wrong_person')
       OR (n.standing = 'off' AND n.failures >= :off_too_often)
    ORDER BY others, held.township, c.name, n.number
    LIMIT :most
    """  # noqa: S608 - a part of our own
)


async def bad_numbers(tx: Tx, area_code: str, most: int) -> list[BadNumber]:
    """Numbers to be corrected, first those of people who have no other."""
    values = {"pattern": f"{prefix_of(area_code)}%", "off_too_often": OFF_TOO_OFTEN, "most": most}
    return read_as(BadNumber, await tx.execute(_BAD, values))
