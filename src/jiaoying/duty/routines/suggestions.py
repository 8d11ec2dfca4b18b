"""Ready-made duties that a county may adopt; none is in force by itself.

They are what county rules ask for, or what follows from keeping this program's own records in order; who
adopts one sees both, and changes what it likes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time

from jiaoying.duty.routines.rules import Every, Moved, Rule
from jiaoying.kernel.language import say


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A duty that may be adopted, with why."""

    title: str
    recipient: str
    note: str
    why: str
    rule: Rule


def suggestions() -> Mapping[str, Suggestion]:
    """All of them, by a key that stays, in the reader's language."""
    home, nobody = say("this county's duty desk"), say("kept by ourselves")
    return {
        "roster_before_flood": Suggestion(
            say("Roster of responsible people before the flood season"),
            say("the city's bureau of emergency management"),
            say("Look at gaps and dead numbers, mend them, file the roster"),
            say("Counties such as 商州 want the roster renewed and filed by 20 April of each year"),
            Rule(Every.MONTH, 20, time(17), (4,), Moved.EARLIER, 14),
        ),
        "next_rota": Suggestion(
            say("Next month's rota is put in force and posted"),
            home,
            say("Fill the rota, look at what is wrong, put it in force, post the sheet"),
            say("A month without a rota calls nobody by name"),
            Rule(Every.MONTH, 25, time(17), moved=Moved.EARLIER, remind_days=5),
        ),
        "weekly_roll_call": Suggestion(
            say("Weekly roll call of the desks"),
            home,
            say("Call every township's desk by telephone and write down who answered"),
            say("By it a desk that does not answer is found before the rain"),
            Rule(Every.WEEK, 5, time(17), moved=Moved.EARLIER, remind_days=0),
        ),
        "monthly_numbers": Suggestion(
            say("Monthly check of the numbers"),
            nobody,
            say("Start the check of numbers; mend what was found dead or wrong"),
            say("Numbers die quietly: a check by text finds them"),
            Rule(Every.LAST_WORKDAY, 1, time(17), remind_days=3),
        ),
    }
