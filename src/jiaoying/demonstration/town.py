"""How the demonstration's telephones behave: a mix as seen on a real night."""

from jiaoying.demonstration.data_files import demonstration_areas, demonstration_desks
from jiaoying.demonstration.people import chance, made_up_county

JsonHabit = dict[str, object]

_WORDS = ("1", "收到", "好的", "收到。", "知道了", "明白", "1 ", "已到岗", "收到，马上到岗")
# Shares of a hundred (our own choice: most wake up, about one in four needs somebody else or a second try).
_MIX = (
    (66, "answers"),
    (10, "replies"),
    (8, "ignores"),
    (5, "busy"),
    (3, "off"),
    (1, "dead"),
    (3, "hangs_up"),
    (2, "listens"),
    (1, "voicemail"),
    (1, "assistant"),
)


def demonstration_names() -> dict[str, str]:
    """Every number of the demonstration with the name of who answers it."""
    return made_up_county(demonstration_areas()).numbers()


def demonstration_town(seed: int = 0) -> dict[str, JsonHabit]:
    """A habit for every number, as the simulator's town takes it; the same seed makes the same town."""
    desks = demonstration_desks()
    on_duty = {number.e164 for desk in desks for _, number in desk.officers}
    on_duty |= {desk.number.e164 for desk in desks}
    return {
        number: _desk_habit(seed, number) if number in on_duty else _habit(seed, number)
        for number in demonstration_names()
    }


def _desk_habit(seed: int, number: str) -> JsonHabit:
    """Whoever is on duty answers within ten seconds and presses 1."""
    return _habit_of(_answering(seed, number, 2, 8, "1"), _silent())


def _habit(seed: int, number: str) -> JsonHabit:
    match _drawn(seed, number):
        case "replies":
            return _habit_of(_call("ignore"), _replying(seed, number, 15, 90))
        case "ignores":
            return _habit_of(_call("ignore"), _silent())
        case "busy":  # talks on the telephone, and writes once that is over
            return _habit_of(_call("busy"), _replying(seed, number, 90, 240))
        case "off":
            return _habit_of(_call("switched_off"), {"does": "switched_off"})
        case "dead":
            return _habit_of(_call("unknown"), {"does": "unknown"})
        case "listens":
            return _habit_of(_call("listen"), _replying(seed, number, 120, 400))
        case "voicemail" | "assistant" as machine:
            return _habit_of(_call(machine), _silent())
        case "hangs_up":
            cut = 2 + 4 * chance(seed, number, "cut")
            return _habit_of(_call("hang_up") | {"hang_up_after_s": round(cut, 1)}, _silent())
        case _:
            return _habit_of(_answering(seed, number, 5, 25, _key(seed, number)), _silent())


def _drawn(seed: int, number: str) -> str:
    left = 100 * chance(seed, number, "kind")
    for share, kind in _MIX:
        left -= share
        if left < 0:
            return kind
    return _MIX[0][1]


def _key(seed: int, number: str) -> str:
    """Most press 1; four in a hundred are away (2), two want to be rung back (3)."""
    draw = chance(seed, number, "key")
    return "2" if draw < 0.04 else "3" if draw < 0.06 else "1"


def _answering(seed: int, number: str, least_s: float, most_s: float, keys: str) -> JsonHabit:
    after = least_s + (most_s - least_s) * chance(seed, number, "after")
    listened = 6 + 10 * chance(seed, number, "listened")
    return _call("answer") | {"after_s": round(after, 1), "keys": keys, "key_after_s": round(listened, 1)}


def _replying(seed: int, number: str, least_s: float, most_s: float) -> JsonHabit:
    after = least_s + (most_s - least_s) * chance(seed, number, "reply")
    words = _WORDS[int(chance(seed, number, "words") ** 2 * len(_WORDS))]  # the usual ones come first
    return {"does": "reply", "after_s": round(after, 1), "words": words}


def _call(does: str) -> JsonHabit:
    return {"does": does}


def _silent() -> JsonHabit:
    return {"does": "ignore"}


def _habit_of(call: JsonHabit, text: JsonHabit) -> JsonHabit:
    return {"call": call, "text": text}
