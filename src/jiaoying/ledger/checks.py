"""What is compared when the story is verified; reads nothing, decides everything."""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from json import loads
from uuid import UUID

from jiaoying.kernel.language import say
from jiaoying.ledger.canonical import LineFields, canonical, line_hash, particulars_hash
from jiaoying.ledger.seals import FIRST_PREVIOUS_HASH, Seal
from jiaoying.ledger.verdict import Finding


@dataclass(frozen=True, slots=True)
class FoundLine:
    """A line as it lies in the table today, with the particulars beside it, if any."""

    fields: LineFields  # `facts` as PostgreSQL spells them
    tx: int
    hash: bytes
    salt: bytes | None = None
    body: str | None = None


@dataclass(slots=True)
class Chain:
    """The seals, walked in order."""

    anchors: Mapping[int, bytes]
    last: Seal | None = None
    # Transactions that the lines of the present seal may have; None in the first seal of a new cluster,
    # which also holds what the older cluster left unsealed.
    bounds: tuple[int, int] | None = None
    restored: bool = False  # there are seals of more than one cluster
    _order: tuple[int, int] = (-1, 0)  # tx and id of the line before
    _anchors_seen: set[int] = field(default_factory=set[int])

    def look_at_seal(self, seal: Seal) -> Iterator[Finding]:
        """Compare the next seal with the one before it, with itself and with its anchor."""
        before, self.last = self.last, seal
        moved_in = before is not None and before.cluster != seal.cluster
        self.bounds = None if moved_in else (before.tx_below if before else 0, seal.tx_below)
        self.restored = self.restored or moved_in
        self._order = (-1, 0)
        yield from _link_findings(before, seal)
        if not seal.is_whole():
            yield _of_seal(
                "seal_altered",
                say("Seal {number} was altered: its hash does not fit what it holds.", number=seal.number),
                seal,
            )
        anchor = self.anchors.get(seal.number)
        self._anchors_seen.add(seal.number)
        if anchor is not None and anchor != seal.hash:
            yield _of_seal(
                "anchor_differs",
                say(
                    "Seal {number} is not the one that was kept outside: the story up to it was rewritten.",
                    number=seal.number,
                ),
                seal,
            )

    def look_at_lines(self, seal: Seal, first: int, lines: Sequence[FoundLine | None]) -> Iterator[Finding]:
        """Compare lines with what `seal` holds from position `first` on; None is a line that is gone."""
        keys = [(line.tx, line.fields.id.int) for line in lines if line is not None]
        moved = _out_of_order(keys, self._order)
        self._order = max([self._order, *keys])
        for position, line in enumerate(lines, start=first):
            if line is None:
                yield _removed(seal, position)
                continue
            yield from _line_findings(seal, position, line)
            outside = self.bounds is not None and not self.bounds[0] <= line.tx < self.bounds[1]
            if outside or (line.tx, line.fields.id.int) in moved:
                yield _of_line(
                    "line_moved",
                    say("{line} does not stand where seal {seal} holds it.", **_names(seal, line)),
                    line,
                    seal,
                )

    def look_at_the_end(self) -> Iterator[Finding]:
        """Name the anchors whose seals are not there: the end was cut off."""
        for number in sorted(set(self.anchors) - self._anchors_seen):
            sentence = say("Seal {number} was kept outside but is gone here.", number=number)
            yield Finding("anchor_missing", sentence, number)

    def is_late(self, tx: int, *, cluster: int, next_tx: int) -> bool:
        """Whether a line that is in no seal should be in one: `tx` lies behind the last seal, or ahead
        of any transaction that there has been in this `cluster`.
        """
        if self.last is None or self.last.cluster != cluster:
            return False
        return tx < self.last.tx_below or tx >= next_tx


def unsealed_finding(line_id: UUID, at: datetime, event: str) -> Finding:
    """A line that slipped in among sealed ones."""
    name = _line_name(line_id, at, event)
    sentence = say("{line} is in no seal although later lines are: it was put in afterwards.", line=name)
    return Finding("line_unsealed", sentence, None, line_id, at, event)


def sealed_twice_finding(count: int) -> Finding:
    """More lines are sealed than there are."""
    return Finding("sealed_twice", say("{count} lines are in more than one seal.", count=count))


def _link_findings(before: Seal | None, seal: Seal) -> Iterator[Finding]:
    expected = before.number + 1 if before else 1
    if seal.number != expected:
        sentence = say("Seals {first} to {last} are gone.", first=expected, last=seal.number - 1)
        yield _of_seal("seal_removed", sentence, seal)
    elif seal.previous_hash != (before.hash if before else FIRST_PREVIOUS_HASH):
        sentence = say(
            "Seal {number} was made over another seal {before} than the one that is there.",
            number=seal.number,
            before=expected - 1,
        )
        yield _of_seal("chain_broken", sentence, seal)


def _line_findings(seal: Seal, position: int, line: FoundLine) -> Iterator[Finding]:
    recomputed = line_hash(line.fields._replace(facts=canonical(loads(line.fields.facts))))
    sealed = seal.hash_of_line(position)
    if recomputed != line.hash or (recomputed != sealed and not _holds(seal, recomputed)):
        sentence = say("{line} was altered after seal {seal} was made.", **_names(seal, line))
        yield _of_line("line_altered", sentence, line, seal)
    elif recomputed != sealed:
        sentence = say("{line} does not stand where seal {seal} holds it.", **_names(seal, line))
        yield _of_line("line_moved", sentence, line, seal)
    if line.salt is not None and line.body is not None:
        body = canonical(loads(line.body))
        if particulars_hash(line.salt, body) != line.fields.particulars_digest:
            sentence = say("The particulars of {line} were altered.", **_names(seal, line))
            yield _of_line("particulars_altered", sentence, line, seal)


def _holds(seal: Seal, line_hash_: bytes) -> bool:
    return any(seal.hash_of_line(place) == line_hash_ for place in range(len(seal.line_ids)))


def _removed(seal: Seal, position: int) -> Finding:
    line_id = seal.line_ids[position]
    at = _moment_in(line_id)
    sentence = say(
        "Line {id} of {at:%Y-%m-%d %H:%M:%S} UTC is gone: seal {seal} holds it in place {place}.",
        id=line_id,
        at=at,
        seal=seal.number,
        place=position + 1,
    )
    return Finding("line_removed", sentence, seal.number, line_id, at)


def _moment_in(line_id: UUID) -> datetime:
    """When a line was written, which its id (UUID version 7) still tells when the line is gone."""
    return datetime.fromtimestamp((line_id.int >> 80) / 1000, UTC)


def _out_of_order(keys: Sequence[tuple[int, int]], floor: tuple[int, int]) -> frozenset[tuple[int, int]]:
    """The fewest keys without which the rest ascends from `floor` on."""
    if all(one < next_ for one, next_ in zip([floor, *keys], keys, strict=False)):
        return frozenset()
    ends: list[tuple[int, int]] = []  # ends[n]: the smallest last key of an ascending run of n + 1
    lengths: list[int] = []
    for key in keys:
        length = bisect_left(ends, key) if key > floor else -1
        if length >= 0:
            ends[length : length + 1] = [key]
        lengths.append(length)
    wanted, moved = len(ends) - 1, set[tuple[int, int]]()
    for key, length in zip(reversed(keys), reversed(lengths), strict=True):
        if length == wanted:
            wanted -= 1
        else:
            moved.add(key)
    return frozenset(moved)


def _names(seal: Seal, line: FoundLine) -> dict[str, object]:
    fields = line.fields
    return {"line": _line_name(fields.id, fields.at, fields.event), "seal": seal.number}


def _line_name(line_id: UUID, at: datetime, event: str) -> str:
    return say(
        "Line {id} ({event}, {at:%Y-%m-%d %H:%M:%S} UTC)", id=line_id, event=event, at=at.astimezone(UTC)
    )


def _of_seal(code: str, sentence: str, seal: Seal) -> Finding:
    return Finding(code, sentence, seal.number, at=seal.sealed_at)


def _of_line(code: str, sentence: str, line: FoundLine, seal: Seal) -> Finding:
    return Finding(code, sentence, seal.number, line.fields.id, line.fields.at, line.fields.event)
