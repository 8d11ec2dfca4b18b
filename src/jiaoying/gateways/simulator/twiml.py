"""TwiML as a telephone hears it: the verbs in order, and how long each takes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from lxml import etree

MOST_VERBS = 200
LONGEST_LOOP = 1000  # Twilio reads loop="0" as for ever; a thousand times is as good
HANZI_PER_S = 4.0  # slow, clear Mandarin
LETTERS_PER_S = 15.0
PLAYED_FILE_S = 5.0


Element = etree._Element  # pyright: ignore[reportPrivateUsage]


class TwimlError(ValueError):
    """The document is not TwiML; the message says why."""


@dataclass(frozen=True, slots=True)
class Say:
    text: str
    language: str
    loop: int

    @property
    def seconds(self) -> float:
        return speech_seconds(self.text) * self.loop


@dataclass(frozen=True, slots=True)
class Pause:
    seconds: float


@dataclass(frozen=True, slots=True)
class Play:
    url: str
    loop: int

    @property
    def seconds(self) -> float:
        return PLAYED_FILE_S * self.loop


Heard = Say | Pause | Play


@dataclass(frozen=True, slots=True)
class Gather:
    """Listens for keys while `prompt` is heard and `timeout_s` after it."""

    prompt: tuple[Heard, ...]
    action: str
    method: str
    num_digits: int | None
    timeout_s: float
    finish_on_key: str
    action_on_empty: bool

    @property
    def seconds(self) -> float:
        return sum(part.seconds for part in self.prompt) + self.timeout_s


@dataclass(frozen=True, slots=True)
class Redirect:
    url: str
    method: str


@dataclass(frozen=True, slots=True)
class Hangup:
    pass


@dataclass(frozen=True, slots=True)
class Reject:
    reason: str


@dataclass(frozen=True, slots=True)
class Message:
    """A text sent in answer to a text or call."""

    text: str
    to: str


@dataclass(frozen=True, slots=True)
class Strange:
    """A verb that this network does not know; it is passed over and noted."""

    name: str


Verb = Heard | Gather | Redirect | Hangup | Reject | Message | Strange


def speech_seconds(text: str) -> float:
    """How long a voice needs for `text`: four characters a second for Chinese, fifteen letters for others."""
    hanzi = sum("\u3400" <= sign <= "\u9fff" for sign in text)
    return max(0.5, hanzi / HANZI_PER_S + (len(text) - hanzi) / LETTERS_PER_S)


def parse_twiml(content: bytes) -> tuple[Verb, ...]:
    """The verbs of a `<Response>`.

    Raises TwimlError for what is not XML, holds a DOCTYPE, or has another root.
    """
    if b"<!DOCTYPE" in content:
        raise TwimlError("a DOCTYPE is not allowed")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as trouble:
        raise TwimlError(str(trouble)) from None
    if root.tag != "Response":
        raise TwimlError("the root is not <Response>")
    elements = _elements(root)
    if len(elements) > MOST_VERBS:
        raise TwimlError(f"more than {MOST_VERBS} verbs")
    return tuple(_verb(element) for element in elements)


def _elements(parent: Element) -> Sequence[Element]:
    return list(parent.iterchildren(etree.Element))


def _verb(element: Element) -> Verb:
    name, text = str(element.tag), _text(element)
    if name == "Gather":
        return _gather(element)
    if name == "Redirect":
        return Redirect(text, element.get("method", "POST").upper())
    if name == "Hangup":
        return Hangup()
    if name == "Reject":
        return Reject(element.get("reason", "rejected"))
    if name in ("Message", "Sms"):
        body = element.find("Body")
        return Message(_text(body) if body is not None else text, element.get("to", ""))
    return _heard(element) or Strange(name)


def _heard(element: Element) -> Heard | None:
    loop = _whole(element, "loop", 1)
    times = LONGEST_LOOP if loop == 0 else min(max(loop, 1), LONGEST_LOOP)
    match element.tag:
        case "Say":
            return Say(_text(element), element.get("language", "en-US"), times)
        case "Pause":
            return Pause(float(max(1, _whole(element, "length", 1))))
        case "Play":
            return Play(_text(element), times)
        case _:
            return None


def _gather(element: Element) -> Gather:
    digits = _whole(element, "numDigits", 0)
    prompt = [heard for child in _elements(element) if (heard := _heard(child)) is not None]
    return Gather(
        prompt=tuple(prompt),
        action=element.get("action", ""),
        method=element.get("method", "POST").upper(),
        num_digits=digits if digits > 0 else None,
        timeout_s=float(max(0, _whole(element, "timeout", 5))),
        finish_on_key=element.get("finishOnKey", "#"),
        action_on_empty=element.get("actionOnEmptyResult", "false").lower() == "true",
    )


def _text(element: Element) -> str:
    parts = cast("list[str]", list(element.itertext()))
    return " ".join("".join(parts).split())


def _whole(element: Element, name: str, default: int) -> int:
    said = element.get(name, "").strip()
    return min(int(said), 86_400) if said.isascii() and said.isdigit() else default
