"""The roster's words for kinds, states and parts, in the reader's language."""

from collections.abc import Sequence
from datetime import date

from jiaoying.contacts.exporting.template_columns import ListKind
from jiaoying.contacts.importing.doubts import DoubtKind
from jiaoying.contacts.importing.model import ImportState, state_words
from jiaoying.contacts.keeping.listing import Only
from jiaoying.contacts.model import ContactNumber, NumberStanding, PointKind, Proof
from jiaoying.kernel.language import CHINESE, ENGLISH, say
from jiaoying.web.words import hazard_name

__all__ = ["state_words"]
_BAD = (NumberStanding.SUSPENDED, NumberStanding.DEAD, NumberStanding.WRONG_PERSON)


def is_bad(number: ContactNumber) -> bool:
    """Whether a number has to be replaced."""
    return number.standing in _BAD


def proof_word(how: Proof) -> str:
    """How it is known that a number is its person's."""
    return {
        Proof.ANSWER: say("answered a call"),
        Proof.CHECK: say("answered the monthly check"),
        Proof.HAND: say("the keeper vouches for it"),
    }[how]


def point_kind_word(kind: PointKind) -> str:
    """What threatens at a danger point."""
    return {
        PointKind.GEOHAZARD: say("geological hazard point"),
        PointKind.FLASH_FLOOD: say("flash-flood zone"),
        PointKind.RESERVOIR: say("reservoir (dam)"),
        PointKind.CHECK_DAM: say("check dam or pond"),
        PointKind.EMBANKMENT: say("embankment"),
        PointKind.MINE: say("mine"),
        PointKind.TAILINGS: say("tailings pond"),
        PointKind.SCENIC: say("scenic spot at a river"),
        PointKind.FORD: say("flooded road or bridge"),
        PointKind.OTHER: say("other danger"),
    }[kind]


def only_word(only: Only) -> str:
    """A choice of sore spots."""
    return {
        Only.VACANT: say("vacant posts"),
        Only.NO_NUMBER: say("holders without a number"),
        Only.ENDED: say("posts that have ended"),
    }[only]


def seat_word(seat: str) -> str:
    """The part that somebody plays for a post."""
    return {"holder": say("Holder"), "deputy": say("Deputy"), "superior": say("Superior")}.get(seat, seat)


def language_word(language: str) -> str:
    """A language in which calls are made."""
    return {CHINESE: say("Chinese"), ENGLISH: say("English")}.get(language, language)


def hazards_words(hazards: Sequence[str]) -> str:
    """The hazards that a post is for."""
    return say(", ").join(hazard_name(hazard) for hazard in hazards) or say("all hazards")


def import_state_colour(state: ImportState) -> str:
    """The badge of a list that was handed in."""
    return {ImportState.PREVIEWED: "open", ImportState.APPLIED: "answered"}.get(state, "none")


def turn_word(turn: str) -> str:
    """What becomes of something in an import."""
    return {"added": say("added"), "changed": say("changed"), "ended": say("ends")}.get(turn, turn)


def about_word(about: str) -> str:
    """What a difference speaks of."""
    return {
        "post": say("post"),
        "person": say("person"),
        "point": say("danger point"),
        "household": say("household"),
    }.get(about, about)


def list_kind_word(kind: ListKind) -> str:
    """A kind of list that counties keep."""
    return {
        ListKind.GENERAL: say("list of responsible people"),
        ListKind.FLOOD: say("flash-flood list"),
        ListKind.RESERVOIR: say("reservoir list"),
        ListKind.GEOHAZARD: say("list of geological hazard points"),
        ListKind.WILDFIRE: say("forest-fire list"),
        ListKind.MINE: say("mine list"),
    }[kind]


def doubt_word(kind: DoubtKind) -> str:
    """Why two records may be one person."""
    return {
        DoubtKind.SAME_NAME: say("The same name in one township, with different numbers"),
        DoubtKind.SAME_NUMBER: say("The same number under different names"),
    }[kind]


def days_words(first: date | None, last: date | None) -> str:
    """From when to when a post is in force."""
    if first and last:
        return say("{first} to {last}", first=first, last=last)
    if first:
        return say("from {first}", first=first)
    return say("until {last}", last=last) if last else say("without limit")
