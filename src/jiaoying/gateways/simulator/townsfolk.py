"""What may be asked of the town and its people, for tests, pages and HTTP alike."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from jiaoying.gateways.simulator.calling import Calling
from jiaoying.gateways.simulator.faults import Fault
from jiaoying.gateways.simulator.habits import KEYS, LONGEST_WORDS, Habit, habit_as_json, habit_name
from jiaoying.gateways.simulator.network import Network
from jiaoying.gateways.simulator.records import Call, Message, Phone
from jiaoying.gateways.simulator.texting import Texting, shown_status
from jiaoying.gateways.simulator.twilio_api import E164
from jiaoying.gateways.simulator.webhooks import is_loopback
from jiaoying.kernel.errors import Complaint, Refusal
from jiaoying.kernel.language import say

MOST_PHONES = 200_000


class Townsfolk:
    """The people of the town, and what can be done with their telephones by hand.

    Every method that takes a number raises Refusal for one that is not E.164.
    """

    def __init__(self, network: Network, texting: Texting, calling: Calling) -> None:
        self._network, self._texting, self._calling = network, texting, calling

    def phone(self, number: str) -> Phone:
        """The telephone with this number, used or not."""
        return self._network.records.look_at(checked_number(number))

    def phones(self, search: str = "", most: int = 500) -> list[Phone]:
        """Telephones whose number or name holds `search`: those in use first, then by last use."""
        found = [
            phone
            for phone in self._network.records.phones.values()
            if search in phone.number or search.lower() in phone.name.lower()
        ]
        found.sort(key=lambda phone: phone.number)
        found.sort(
            key=lambda phone: (phone.line is not None, phone.last.seq if phone.last else 0), reverse=True
        )
        return found[:most]

    def habit_of(self, phone: Phone) -> Habit:
        """The habit that this telephone follows now."""
        return self._network.habit_of(phone)

    def set_phone(self, number: str, habit: Habit | None = None, name: str | None = None) -> Phone:
        """Give a telephone a habit and a name; what is None stays."""
        if len(self._network.records.phones) >= MOST_PHONES:
            raise _refusal("number", say("the town is full: at most {most} telephones", most=MOST_PHONES))
        phone = self._network.records.phone(checked_number(number))
        phone.written = True
        phone.revision += 1
        if habit is not None:
            phone.habit = habit
        if name is not None:
            phone.name = name[:80]
        return phone

    def set_default(self, habit: Habit) -> None:
        """The habit of everybody who has none of their own."""
        self._network.town = replace(self._network.town, default=habit, mixed=False)

    def set_webhooks(self, message_url: str | None = None, voice_url: str | None = None) -> None:
        """Where incoming texts and calls are told; None stays, an empty text is nowhere."""
        for field, url in (("message_url", message_url), ("voice_url", voice_url)):
            if url and not is_loopback(url):
                raise _refusal(
                    field, say("write an address on this machine, for example http://127.0.0.1:8080/…")
                )
            if url is not None:
                setattr(self._network.webhooks, field, url)

    def text(self, number: str, body: str, to: str | None = None) -> Message:
        """The person sends us a text, to the number they last heard from unless `to` says another."""
        if not body or len(body) > LONGEST_WORDS:
            raise _refusal("body", say("write 1 to {most} characters", most=LONGEST_WORDS))
        return self._texting.receive(checked_number(number), body, self._now(), self._our_number(to))

    def answer(self, number: str) -> Call:
        """The person picks up; from then on keys are pressed by hand."""
        call = self._line_of(number)
        if call is None or not self._calling.pick_up(call, self._now(), by_hand=True):
            raise _refusal("number", say("this telephone is not ringing"))
        return call

    def press(self, number: str, keys: str) -> Call:
        """The person presses keys during a call."""
        call = self._line_of(number)
        if not keys or len(keys) > 32 or not KEYS.issuperset(keys):
            raise _refusal("digits", say("write at most 32 of the keys 0–9, * and #"))
        if call is None or not self._calling.press(call, keys, self._now()):
            raise _refusal("number", say("nobody is talking on this telephone"))
        return call

    def hang_up(self, number: str) -> Call:
        """The person hangs up, or declines a call that rings."""
        call = self._line_of(number)
        if call is None or not self._calling.hang_up(call, self._now()):
            raise _refusal("number", say("there is no call on this telephone"))
        return call

    def ring_us(self, number: str, to: str | None = None, keys: str = "", key_after_s: float = 3.0) -> Call:
        """The person rings us, and presses `keys` that long into the first question, if any."""
        if len(keys) > 32 or not KEYS.issuperset(keys):
            raise _refusal("keys", say("write at most 32 of the keys 0–9, * and #"))
        phone = self.phone(number)
        ours = self._our_number(to) or self._network.our_number_for(phone)
        call = self._calling.ring_us(phone.number, ours, keys, key_after_s, self._now())
        if call is None:
            raise _refusal("number", say("this telephone is in use"))
        return call

    def add_faults(self, faults: Iterable[Fault]) -> None:
        """Order trouble."""
        self._network.faults.add(faults)

    def clear_faults(self) -> None:
        """End all trouble."""
        self._network.faults.clear()

    def statistics(self) -> dict[str, Any]:
        """What has happened so far; `duplicates` are hand-overs that were one too many."""
        records = self._network.records
        counts = dict(sorted(records.counts.items()))
        return {
            "requests": {
                "messages": counts.get("requests_sms_create", 0),
                "calls": counts.get("requests_voice_create", 0),
                "all": sum(count for name, count in counts.items() if name.startswith("requests_")),
            },
            "messages": counts.get("messages_out", 0),
            "messages_in": counts.get("messages_in", 0),
            "calls": counts.get("calls_out", 0),
            "calls_in": counts.get("calls_in", 0),
            "callbacks": self._network.pool.sent,
            "duplicates": {
                **records.duplicates(),
                "examples": [
                    {"number": number, "content": content[:200], "times": times}
                    for number, content, times in records.repeated()
                ],
            },
            "phones": len(records.phones),
            "notes": [
                {"at": note.at.isoformat(), "code": note.code, "sid": note.sid, "text": note.text}
                for note in records.notes
            ],
            "counts": counts,
        }

    def _now(self) -> datetime:
        return self._network.clock.now()

    def _line_of(self, number: str) -> Call | None:
        return self.phone(number).line

    def _our_number(self, to: str | None) -> str | None:
        if to is not None and to not in self._network.from_numbers:
            raise _refusal("to", say("write one of: {names}", names=", ".join(self._network.from_numbers)))
        return to


def checked_number(number: str) -> str:
    """The number itself. Raises Refusal if it is not E.164."""
    if not E164.fullmatch(number):
        raise _refusal("number", say("write it in full, for example +8610012345678"))
    return number


def phone_json(phone: Phone, habit: Habit, now: datetime, most: int = 200) -> dict[str, Any]:
    """A telephone with its newest texts and calls, oldest first."""
    line = phone.line
    return {
        "number": phone.number,
        "name": phone.name,
        "habit": habit_as_json(habit),
        "habit_name": habit_name(habit),
        "ringing": line.sid if line is not None and line.status == "ringing" else None,
        "in_call": line.sid if line is not None and line.status == "in-progress" else None,
        "messages": [text_json(message, now) for message in _newest(phone.messages, most)],
        "calls": [call_json(call) for call in _newest(phone.calls, most)],
    }


def text_json(message: Message, now: datetime) -> dict[str, Any]:
    """A text as the town sees it."""
    return {
        "sid": message.sid,
        "direction": message.direction,
        "ours": message.ours,
        "body": message.body,
        "segments": message.segments,
        "status": shown_status(message, now),
        "error_code": message.error_code,
        "at": message.created.isoformat(),
    }


def call_json(call: Call) -> dict[str, Any]:
    """A call as the town sees it, with what was heard and pressed."""
    return {
        "sid": call.sid,
        "direction": call.direction,
        "ours": call.ours,
        "status": call.status,
        "at": call.created.isoformat(),
        "rang_at": _iso(call.rang),
        "answered_at": _iso(call.answered),
        "ended_at": _iso(call.ended),
        "ended_by": call.ended_by,
        "seconds": call.seconds,
        "heard": list(call.heard),
        "said": list(call.said),
        "answered_by": call.answered_by,
        "keys": call.keys,
        "by_hand": call.by_hand,
    }


def _newest(records: Sequence[Any], most: int) -> list[Any]:
    return list(records)[-most:]


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _refusal(field: str, remedy: str) -> Refusal:
    text = f"{field}: {remedy}"
    return Refusal(text, (Complaint("town", field, text),))
