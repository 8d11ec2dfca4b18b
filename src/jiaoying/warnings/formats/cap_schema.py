"""The words of CAP 1.2, 1.1 and 1.0: elements in the order of the schema (3.4), enumerations (3.2.1, 3.2.2).

1.1 differs from 1.2 by a few values and by its dates, which are any `xs:dateTime` (1.1, 3.3.2). 1.0 has
its codes as text `name=value`, a `password`, and makes `scope` and `category` optional.
"""

from dataclasses import dataclass
from typing import NamedTuple


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


ORDER = {
    "alert": _words(
        "identifier sender sent status msgType source scope restriction addresses code note references"
        " incidents info"
    ),
    "info": _words(
        "language category event responseType urgency severity certainty audience eventCode effective"
        " onset expires senderName headline description instruction web contact parameter resource area"
    ),
    "area": _words("areaDesc polygon circle geocode altitude ceiling"),
    "eventCode": _words("valueName value"),
    "parameter": _words("valueName value"),
    "geocode": _words("valueName value"),
}

STATUSES = _words("Actual Exercise System Test Draft")
MESSAGE_TYPES = _words("Alert Update Cancel Ack Error")
SCOPES = _words("Public Restricted Private")
CATEGORIES = _words("Geo Met Safety Security Rescue Fire Health Env Transport Infra CBRNE Other")
RESPONSE_TYPES = _words("Shelter Evacuate Prepare Execute Avoid Monitor Assess AllClear None")
URGENCIES = _words("Immediate Expected Future Past Unknown")
SEVERITIES = _words("Extreme Severe Moderate Minor Unknown")
CERTAINTIES = _words("Observed Likely Possible Unlikely Unknown")
UNKNOWN_LEVEL = "Unknown"  # of urgency, severity, certainty

# Free text: a sender who leaves these empty simply had nothing to say.
MAY_BE_EMPTY = frozenset(
    _words("source restriction note audience senderName headline description instruction contact language")
)
# What has elements inside.
BLOCKS = frozenset(_words("info resource area eventCode parameter geocode"))
# What may stand several times, so that complaints name which one.
REPEATABLE = frozenset(
    _words("code info category responseType eventCode parameter resource area polygon circle geocode")
)


class Word(NamedTuple):
    """An element of CAP inside another: its place in the order, and whether it has children of its own."""

    name: str
    place: int
    is_block: bool


@dataclass(frozen=True)
class Version:
    """A version of CAP. `words` tells for each kind of element what its children are.

    Its keys are names in James Clark's form (`{urn:…}sent`), so that one look settles a child.
    """

    format: str  # as `warnings parse` names it
    namespace: str
    words: dict[str, dict[str, Word]]
    codes_are_text: bool = False
    pair_tags: tuple[str, str] = ("", "")  # of valueName and value
    optional: frozenset[str] = frozenset()  # elements that 1.2 demands
    free: frozenset[str] = frozenset()  # codes of remarks on what this version allows


def _version(
    format_: str,
    namespace: str,
    order: dict[str, tuple[str, ...]],
    *,
    codes_are_text: bool = False,
    optional: str = "",
    free: str = "",
) -> Version:
    words = {
        kind: {
            f"{{{namespace}}}{name}": Word(name, place, name in BLOCKS) for place, name in enumerate(names)
        }
        for kind, names in order.items()
    }
    return Version(
        format_,
        namespace,
        words,
        codes_are_text,
        (f"{{{namespace}}}valueName", f"{{{namespace}}}value"),
        frozenset(optional.split()),
        frozenset(free.split()),
    )


_ORDER_1_0 = {
    **ORDER,
    "alert": _words(
        "identifier sender sent status msgType password source scope restriction addresses code note"
        " references incidents info"
    ),
}

VERSIONS = {
    version.namespace: version
    for version in (
        _version("cap-1.2", "urn:oasis:names:tc:emergency:cap:1.2", ORDER),
        _version("cap-1.1", "urn:oasis:names:tc:emergency:cap:1.1", ORDER, free="zone-z fraction"),
        _version(
            "cap-1.0",
            "http://www.incident.com/cap/1.0",
            _ORDER_1_0,
            codes_are_text=True,
            optional="scope category",
            free="zone-z fraction",
        ),
    )
}
