"""Ladders as plain data, as they are frozen under a warning and shown; read back they are the same."""

from jiaoying.dispatch.ladders.model import (
    ALL,
    ANY,
    Hours,
    Ladder,
    LadderBook,
    NamedPerson,
    NamedPost,
    Rule,
    Rung,
    Stop,
    Target,
)
from jiaoying.kernel.colours import Colour
from jiaoying.kernel.hazards import Hazard


def book_to_data(book: LadderBook) -> dict[str, object]:
    """All rules as plain data, in their order; what has its default is left out."""
    return {
        "uncoloured_as": str(book.uncoloured_as),
        "night": _hours(book.night),
        "rules": [_rule(rule) for rule in book.rules],
    }


def _rule(rule: Rule) -> dict[str, object]:
    return {
        "name": rule.name,
        **({"hazards": [str(item) for item in Hazard if item in rule.hazards]} if rule.hazards else {}),
        "colours": [str(item) for item in Colour if item in rule.colours],
        **({"hours": _hours(rule.hours)} if rule.hours else {}),
        "tiers": {str(tier): ladder_to_data(ladder) for tier, ladder in rule.tiers.items()},
    }


def _hours(hours: Hours) -> dict[str, str]:
    return {"from": f"{hours.begin:%H:%M}", "to": f"{hours.end:%H:%M}"}


def ladder_to_data(ladder: Ladder) -> dict[str, object]:
    """A ladder as plain data, as it is frozen under a warning."""
    data: dict[str, object] = {
        "stop": _stop(ladder.stop),
        "deadline_s": ladder.deadline_s,
        "rungs": [_rung(rung) for rung in ladder.rungs],
    }
    if ladder.after:
        data["after"] = {"tier": str(ladder.after.tier), "wait_s": ladder.after.wait_s}
    if ladder.feedback:
        data["feedback"] = [
            {"stage": str(clock.stage), "within_s": clock.within_s} for clock in ladder.feedback
        ]
    if ladder.heard_covers:
        data["heard_covers"] = True
    return data


def _stop(stop: Stop) -> str | int | None:
    return {ANY: "any", ALL: "all"}.get(stop, stop.needed)


def _rung(rung: Rung) -> dict[str, object]:
    return {
        "who": [_target(target) for target in rung.who],
        "channels": [str(channel) for channel in rung.channels],
        "tries": rung.tries,
        "gap_s": rung.gap_s,
        "wait_s": rung.wait_s,
        **({"in_turn": True} if rung.in_turn else {}),
    }


def _target(target: Target) -> object:
    match target:
        case NamedPost():
            return {"post": target.kind, "of": str(target.of)}
        case NamedPerson():
            return {"person": str(target.contact_id), "name": target.name}
        case _:
            return str(target)
