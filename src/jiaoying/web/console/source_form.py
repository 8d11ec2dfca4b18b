"""The form of a source: its fields as texts, and what they say as data. Pure."""

from collections.abc import Mapping

from jiaoying.kernel.errors import Complaint
from jiaoying.kernel.language import say
from jiaoying.warnings.feeds.config import COLOURS
from jiaoying.warnings.feeds.model import KEPT

Values = dict[str, str]
_PLAIN = ("name", "kind", "address", "proof", "notes")
_FLAGS = ("enabled", "inside_network")
FIELDS = (
    *_PLAIN,
    *_FLAGS,
    *("allowed_hosts", "headers", "interval_s", "silence_h"),
    *("credential_kind", "credential_name", "credential_secret"),
    *(f"hold_{colour}" for colour in COLOURS),
)


def values_of(data: Mapping[str, object]) -> Values:
    """What the form shows for a source (feeds/config.py `data_of`, or a preset). Secrets are never shown."""
    credential = _mapping(data.get("credential"))
    holds, headers = _mapping(data.get("hold_s")), _mapping(data.get("headers"))
    hosts, silence_s = data.get("allowed_hosts"), data.get("silence_s")
    values = {name: str(data.get(name) or "") for name in _PLAIN}
    values |= {name: "on" if data.get(name) else "" for name in _FLAGS}
    values |= {
        "allowed_hosts": "\n".join(str(one) for one in hosts) if isinstance(hosts, list) else "",  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
        "headers": "\n".join(f"{name}: {value}" for name, value in headers.items()),
        "interval_s": str(data.get("interval_s") or ""),
        "silence_h": f"{silence_s / 3600:g}" if isinstance(silence_s, int) else "",
        "credential_kind": str(credential.get("kind") or ""),
        "credential_name": str(credential.get("name") or ""),
        "credential_secret": "",
        "has_secret": "on" if credential.get("secret") else "",
    }
    for colour in COLOURS:
        hold = holds.get(colour)
        values[f"hold_{colour}"] = f"{hold / 60:g}" if isinstance(hold, int) else ""
    return values


def data_in(
    values: Mapping[str, str], *, has_secret: bool, has_signing: bool
) -> tuple[dict[str, object], list[Complaint]]:
    """The source that a form says, and complaints about numbers. An empty secret keeps the one there is."""
    complaints: list[Complaint] = []
    data: dict[str, object] = {name: values.get(name, "").strip() or None for name in _PLAIN}
    data |= {name: bool(values.get(name)) for name in _FLAGS}
    data["allowed_hosts"] = [
        one.strip() for one in values.get("allowed_hosts", "").splitlines() if one.strip()
    ]
    data["headers"] = _headers(values.get("headers", ""), complaints)
    data["interval_s"] = _number(values, "interval_s", 1, complaints)
    data["silence_s"] = _number(values, "silence_h", 3600, complaints, field="silence_s")
    holds = {colour: _number(values, f"hold_{colour}", 60, complaints, field="hold_s") for colour in COLOURS}
    data["hold_s"] = {colour: hold for colour, hold in holds.items() if hold is not None}
    if values.get("credential_kind"):
        data["credential"] = {
            "kind": values["credential_kind"],
            "name": values.get("credential_name", "").strip() or None,
            "secret": values.get("credential_secret", "").strip() or (KEPT if has_secret else None),
        }
    if has_signing:
        data["signing_secret"] = KEPT
    return {name: value for name, value in data.items() if value is not None}, complaints


def by_field(complaints: list[Complaint]) -> dict[str, str]:
    """One sentence for each field, so that it stands beside what must be mended."""
    found: dict[str, str] = {}
    for complaint in complaints:
        found.setdefault(complaint.field.replace(".", "_"), complaint.text)
    return found


def _number(
    values: Mapping[str, str],
    name: str,
    factor: int,
    complaints: list[Complaint],
    *,
    field: str | None = None,
) -> int | None:
    text = values.get(name, "").strip()
    if not text:
        return None
    try:
        number = float(text)
        # Neither endless nor no number: round() refuses both.
        return round(number * factor)
    except (ValueError, OverflowError):
        complaints.append(Complaint("source", field or name, say("write a number")))
        return None


def _headers(text: str, complaints: list[Complaint]) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in text.splitlines():
        name, colon, value = line.partition(":")
        if line.strip() and not colon:
            complaints.append(Complaint("source", "headers", say("write each header as Name: value")))
        elif line.strip():
            found[name.strip()] = value.strip()
    return found


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}  # pyright: ignore[reportUnknownVariableType]
