"""What an operator writes about a source, checked: each complaint names the field and the remedy. Pure."""

import re
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import TypeVar

from jiaoying.kernel.errors import Complaint
from jiaoying.kernel.language import say
from jiaoying.warnings.feeds.model import (
    DEFAULT_INTERVAL_S,
    KEPT,
    Credential,
    CredentialKind,
    Proof,
    SourceConfig,
    SourceKind,
)
from jiaoying.warnings.feeds.targets import RefusedTarget, read_address

COLOURS = ("red", "orange", "yellow", "blue", "none")
FIELDS = (
    *("name", "kind", "enabled", "address", "allowed_hosts", "inside_network", "headers", "interval_s"),
    *("silence_s", "credential", "proof", "signing_secret", "hold_s", "notes"),
)
LONGEST_NAME = 64
LONGEST_TEXT = 2000
MOST_HOSTS = 20
SHORTEST_INTERVAL_S = {"poll": 15, "folder": 1}
LONGEST_INTERVAL_S = 24 * 3600
LONGEST_SILENCE_S = 400 * 24 * 3600
# A grave warning that waits an hour for its officer has been forgotten.
LONGEST_HOLD_S = {"red": 3600, "orange": 3600}
LONGEST_MILD_HOLD_S = 24 * 3600
SHORTEST_SIGNING_SECRET = 16
_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,60}")
_HOST = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?|\[?[0-9a-f:.]+\]?")
# Ours to write: they carry secrets, or the poller needs them itself.
_OWN_HEADERS = frozenset(
    {
        *("host", "authorization", "proxy-authorization", "cookie", "connection", "content-length"),
        *("transfer-encoding", "accept-encoding", "if-none-match", "if-modified-since", "upgrade", "te"),
    }
)

T = TypeVar("T", SourceKind, Proof, CredentialKind)


class _Reader:
    """Reads one source and collects what is wrong with it."""

    def __init__(self, data: Mapping[str, object], where: str) -> None:
        self.data = data
        self.where = where
        self.complaints: list[Complaint] = []

    def complain(self, field: str, text: str) -> None:
        self.complaints.append(Complaint("source", f"{self.where}.{field}" if self.where else field, text))

    def text(self, field: str, *, most: int = LONGEST_TEXT) -> str | None:
        value = self.data.get(field)
        if value is None:
            return None
        if not isinstance(value, str):
            self.complain(field, say("write a text"))
            return None
        value = value.strip()
        if len(value) > most:
            self.complain(field, say("write at most {most} characters", most=most))
            return None
        return value or None

    def flag(self, field: str, otherwise: bool) -> bool:
        value = self.data.get(field, otherwise)
        if not isinstance(value, bool):
            self.complain(field, say("write true or false"))
            return otherwise
        return value

    def seconds(self, field: str, least: int, most: int) -> int | None:
        return self._seconds(field, self.data.get(field), least, most)

    def _seconds(self, field: str, value: object, least: int, most: int) -> int | None:
        if value is None:
            return None
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            self.complain(
                field, say("write a number of seconds from {least} to {most}", least=least, most=most)
            )
            return None
        return value

    def word(self, field: str, words: type[T], otherwise: T | None) -> T | None:
        value = self.data.get(field)
        if value is None and otherwise is not None:
            return otherwise
        if not isinstance(value, str) or value not in [str(word) for word in words]:
            self.complain(field, say("write one of: {words}", words=", ".join(words)))
            return None
        return words(value)

    def pairs(self, field: str) -> dict[str, object]:
        value = self.data.get(field)
        if value is None:
            return {}
        if not isinstance(value, Mapping):
            self.complain(field, say("write names with their values"))
            return {}
        return {str(name): one for name, one in value.items()}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]

    def hosts(self, field: str) -> tuple[str, ...]:
        value = self.data.get(field)
        if value is None:
            return ()
        if not isinstance(value, Sequence) or isinstance(value, str):
            self.complain(field, say("write a list of hosts"))
            return ()
        hosts = [str(one).strip().lower().rstrip(".") for one in value]  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
        wrong = [host for host in hosts if not _HOST.fullmatch(host)]
        if wrong or len(hosts) > MOST_HOSTS:
            text = say(
                "write names of hosts alone, such as cap.example.gov.cn, at most {most}", most=MOST_HOSTS
            )
            self.complain(field, text)
            return ()
        return tuple(dict.fromkeys(hosts))

    def holds(self, field: str) -> dict[str, int]:
        found = self.pairs(field)
        strange = sorted(set(found) - set(COLOURS))
        if strange:
            self.complain(field, say("write one of: {words}", words=", ".join(COLOURS)))
        read = {
            name: self._seconds(field, found[name], 0, LONGEST_HOLD_S.get(name, LONGEST_MILD_HOLD_S))
            for name in COLOURS
            if name in found
        }
        return {name: value for name, value in read.items() if value is not None}

    def headers(self, field: str) -> dict[str, str]:
        found = {name: str(value).strip() for name, value in self.pairs(field).items()}
        for name, value in found.items():
            if not _HEADER_NAME.fullmatch(name) or not value.isprintable() or len(value) > LONGEST_TEXT:
                self.complain(field, say("“{name}” is no header that can be sent", name=name[:60]))
            elif "{" in value:
                self.complain(field, say("replace what stands in braces with your own"))
            elif name.lower() in _OWN_HEADERS:
                self.complain(
                    field,
                    say(
                        "leave {name} out: it is written by the program, secrets go into the credential",
                        name=name,
                    ),
                )
        return found

    def credential(self, field: str) -> Credential | None:
        found = self.pairs(field)
        if not found:
            return None
        inner = _Reader(found, f"{self.where}.{field}" if self.where else field)
        kind = inner.word("kind", CredentialKind, None)
        name, secret = inner.text("name", most=100), inner.text("secret")
        if kind is not None and name is None:
            inner.complain("name", say("write the name of the header, of the parameter, or of the user"))
        if kind is CredentialKind.HEADER and name is not None and not _HEADER_NAME.fullmatch(name):
            inner.complain("name", say("“{name}” is no header that can be sent", name=name[:60]))
        if kind is CredentialKind.BASIC and name is not None and ":" in name:
            inner.complain("name", say("the name of a user holds no colon (RFC 7617, 2)"))
        if secret is None:
            inner.complain("secret", say("write the secret, or leave the credential out"))
        elif not secret.isprintable():
            inner.complain("secret", say("the secret holds signs that cannot be sent"))
        self.complaints += inner.complaints
        if self.complaints or kind is None or name is None or secret is None:
            return None
        return Credential(kind, name, secret)


def config_from_data(data: Mapping[str, object], where: str = "") -> SourceConfig | tuple[Complaint, ...]:
    """A source out of plain data, or every complaint. `where` stands before the names of fields."""
    reader = _Reader(data, where)
    for strange in sorted(set(data) - set(FIELDS)):
        reader.complain(
            strange, say("this is no field of a source; there are: {fields}", fields=", ".join(FIELDS))
        )
    name = reader.text("name", most=LONGEST_NAME)
    if name is None or not name.isprintable():
        reader.complain(
            "name", say("write the name of the source, at most {most} characters", most=LONGEST_NAME)
        )
    kind = reader.word("kind", SourceKind, None)
    address = reader.text("address")
    interval_s = reader.seconds("interval_s", SHORTEST_INTERVAL_S.get(kind or "", 1), LONGEST_INTERVAL_S)
    proof = reader.word("proof", Proof, Proof.TOKEN)
    signing_secret = reader.text("signing_secret")
    if signing_secret not in (None, KEPT) and len(signing_secret or "") < SHORTEST_SIGNING_SECRET:
        reader.complain(
            "signing_secret", say("write at least {least} characters", least=SHORTEST_SIGNING_SECRET)
        )
    _check_address(reader, kind, address)
    config = SourceConfig(
        name=name or "",
        kind=kind or SourceKind.HAND,
        enabled=reader.flag("enabled", True),
        address=address,
        allowed_hosts=reader.hosts("allowed_hosts"),
        inside_network=reader.flag("inside_network", False),
        headers=reader.headers("headers"),
        interval_s=interval_s or DEFAULT_INTERVAL_S.get(kind or "", 300),
        silence_s=reader.seconds("silence_s", 60, LONGEST_SILENCE_S),
        credential=reader.credential("credential"),
        proof=proof or Proof.TOKEN,
        signing_secret=signing_secret,
        hold_s=reader.holds("hold_s"),
        notes=reader.text("notes"),
    )
    return tuple(reader.complaints) or config


def _check_address(reader: _Reader, kind: SourceKind | None, address: str | None) -> None:
    if kind is SourceKind.POLL:
        read = read_address(address or "")
        if isinstance(read, RefusedTarget):
            reader.complain("address", read.reason)
    elif kind is SourceKind.FOLDER and "{" in (address or ""):
        reader.complain("address", say("replace what stands in braces with your own"))
    elif kind is SourceKind.FOLDER and not PurePosixPath(address or "").is_absolute():
        reader.complain("address", say("write the whole path of the folder, from / on"))


def data_of(config: SourceConfig) -> dict[str, object]:
    """A source as plain data, for a file; what stands as it would anyway is left out."""
    credential = config.credential
    found: dict[str, object] = {
        "name": config.name,
        "kind": str(config.kind),
        "enabled": config.enabled,
        "address": config.address,
        "allowed_hosts": list(config.allowed_hosts),
        "inside_network": config.inside_network or None,
        "headers": dict(config.headers),
        "interval_s": config.interval_s if config.kind in ("poll", "folder") else None,
        "silence_s": config.silence_s,
        "credential": credential
        and {"kind": str(credential.kind), "name": credential.name, "secret": credential.secret},
        "proof": str(config.proof) if config.kind is SourceKind.PUSH else None,
        "signing_secret": config.signing_secret,
        "hold_s": dict(config.hold_s),
        "notes": config.notes,
    }
    return {name: value for name, value in found.items() if value not in (None, [], {})}
