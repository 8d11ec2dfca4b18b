"""Reading a town from a YAML file: who lives there, what they do, where web hooks go."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import yaml

from jiaoying.gateways.simulator.habits import Habit, habit_from_json
from jiaoying.gateways.simulator.network import Webhooks
from jiaoying.gateways.simulator.town import Town
from jiaoying.gateways.simulator.townsfolk import checked_number
from jiaoying.kernel.errors import Complaint, Refusal
from jiaoying.kernel.language import say

LARGEST_FILE = 16 * 1024 * 1024
MOST_PHONES = 100_000
KNOWN = ("seed", "mix", "habit", "numbers", "account_sid", "auth_token", "secret", "webhooks", "phones")


@dataclass(frozen=True, slots=True)
class Resident:
    """One described telephone; `habit` None follows the town."""

    number: str
    name: str = ""
    habit: Habit | None = None


@dataclass(frozen=True, slots=True)
class TownFile:
    """What a file says; what it leaves out is None or empty.

    ```yaml
    seed: 7
    mix: true                 # people without a habit get one from the mix of a county
    habit: answers            # or else this one: a short name, or an object with call and text
    numbers: ["+15005550006"] # ours, from which texts and calls come
    account_sid: AC…          # what users of the API sign in with
    auth_token: …
    secret: …                 # for the proof
    webhooks: {message_url: "http://127.0.0.1:8080/callbacks/twilio/message", voice_url: …}
    phones:
      - {number: "+8610012345678", name: 演示张三, habit: ignores}
    ```
    """

    town: Town = field(default_factory=Town)
    phones: tuple[Resident, ...] = ()
    numbers: tuple[str, ...] = ()
    account_sid: str | None = None
    auth_token: str | None = None
    secret: str | None = None
    webhooks: Webhooks = field(default_factory=Webhooks)


def load_town(path: Path) -> TownFile:
    """The town that a file describes.

    Raises Refusal, with a sentence that names the file, the field and the remedy.
    """
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise _refusal(str(path), say("at most {most} bytes", most=LARGEST_FILE))
        value = yaml.safe_load(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as trouble:
        raise _refusal(str(path), say("cannot be read: {reason}", reason=str(trouble))) from None
    return read_town(value)


def read_town(value: object) -> TownFile:
    """The town that the content of a file describes. Raises Refusal."""
    fields = _fields({} if value is None else value, "town")
    strange = [name for name in fields if name not in KNOWN]
    if strange:
        raise _refusal(strange[0], say("is not known here; known are: {names}", names=", ".join(KNOWN)))
    seed, mixed = fields.get("seed", 0), fields.get("mix", False)
    if isinstance(seed, bool) or not isinstance(seed, int):
        raise _refusal("seed", say("write a whole number"))
    if not isinstance(mixed, bool):
        raise _refusal("mix", say("write true or false"))
    default = habit_from_json(fields.get("habit", {}), "habit")
    webhooks = _fields(fields.get("webhooks", {}), "webhooks")
    return TownFile(
        town=Town(seed=seed, default=default, mixed=mixed),
        phones=_residents(fields.get("phones", [])),
        numbers=tuple(checked_number(str(number)) for number in _list(fields.get("numbers", []), "numbers")),
        account_sid=_text(fields, "account_sid"),
        auth_token=_text(fields, "auth_token"),
        secret=_text(fields, "secret"),
        webhooks=Webhooks(_text(webhooks, "message_url") or "", _text(webhooks, "voice_url") or ""),
    )


def _residents(value: object) -> tuple[Resident, ...]:
    listed = _list(value, "phones")
    if len(listed) > MOST_PHONES:
        raise _refusal("phones", say("at most {most} of them", most=MOST_PHONES))
    return tuple(_resident(item, f"phones[{place}]") for place, item in enumerate(listed))


def _resident(value: object, where: str) -> Resident:
    fields = _fields(value, where)
    if "number" not in fields:
        raise _refusal(f"{where}.number", say("write it in full, for example +8610012345678"))
    habit = fields.get("habit")
    return Resident(
        number=checked_number(str(fields["number"])),
        name=str(fields.get("name", "")),
        habit=None if habit is None else habit_from_json(habit, f"{where}.habit"),
    )


def _fields(value: object, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _refusal(where, say("write an object"))
    return cast("dict[str, Any]", value)


def _list(value: object, where: str) -> Sequence[object]:
    if not isinstance(value, list):
        raise _refusal(where, say("write a list"))
    return cast("list[object]", value)


def _text(fields: dict[str, Any], name: str) -> str | None:
    value = fields.get(name)
    return None if value is None else str(value)


def _refusal(where: str, remedy: str) -> Refusal:
    text = f"{where}: {remedy}"
    return Refusal(text, (Complaint("town", where, text),))
