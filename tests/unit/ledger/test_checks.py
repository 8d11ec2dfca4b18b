"""What is found in a chain of seals, without a database."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiaoying.kernel.ids import new_id
from jiaoying.kernel.language import speaking
from jiaoying.ledger.canonical import LineFields, canonical, line_hash, particulars_hash
from jiaoying.ledger.checks import Chain, FoundLine
from jiaoying.ledger.seals import FIRST_PREVIOUS_HASH, Seal, seal_hash
from jiaoying.ledger.verdict import Finding

AT = datetime(2026, 7, 15, 16, 30, tzinfo=UTC)
CLUSTER = 77


def line(tx: int, *, seconds: int = 0) -> FoundLine:
    at = AT + timedelta(seconds=seconds)
    salt, body = b"salt", canonical({"name": "王强"})
    fields = LineFields(
        new_id(at), at, "call_out.answered", "settle", None, None, None, None, None, '{"how":"key"}',
        particulars_hash(salt, body),
    )  # fmt: skip
    return FoundLine(fields, tx, line_hash(fields), salt, body)


def sealed(lines: Sequence[FoundLine], before: Seal | None = None, *, cluster: int = CLUSTER) -> Seal:
    draft = Seal(
        number=before.number + 1 if before else 1,
        sealed_at=AT,
        tx_below=lines[-1].tx + 1,
        cluster=cluster,
        line_ids=tuple(line.fields.id for line in lines),
        line_hashes=b"".join(line.hash for line in lines),
        previous_hash=before.hash if before else FIRST_PREVIOUS_HASH,
        hash=b"",
    )
    return replace(draft, hash=seal_hash(draft))


def look(seals: Sequence[tuple[Seal, Sequence[FoundLine | None]]], **anchors: bytes) -> list[Finding]:
    chain = Chain({int(number.removeprefix("seal")): value for number, value in anchors.items()})
    findings: list[Finding] = []
    for seal, lines in seals:
        findings += chain.look_at_seal(seal)
        findings += chain.look_at_lines(seal, 0, lines)
    return [*findings, *chain.look_at_the_end()]


def codes(findings: Sequence[Finding]) -> list[str]:
    return [finding.code for finding in findings]


LINES = [line(tx, seconds=tx) for tx in (5, 6, 8, 9)]
FIRST = sealed(LINES[:2])
SECOND = sealed(LINES[2:], FIRST)


def test_an_untouched_story_is_unbroken() -> None:
    assert look([(FIRST, LINES[:2]), (SECOND, LINES[2:])]) == []


@pytest.mark.parametrize(
    "change",
    [
        {"event": "call_out.declined"},
        {"actor": "nobody"},
        {"at": AT},
        {"facts": "{}"},
        {"contact_id": UUID(int=1)},
    ],
)
def test_an_altered_line_is_named(change: dict[str, object]) -> None:
    altered = replace(LINES[0], fields=LINES[0].fields._replace(**change))
    (finding,) = look([(FIRST, [altered, LINES[1]])])
    assert finding.code == "line_altered"
    assert finding.line_id == LINES[0].fields.id
    assert finding.seal == 1


def test_a_line_that_was_hashed_anew_is_found_by_its_seal() -> None:
    fields = LINES[0].fields._replace(event="call_out.declined")
    forged = replace(LINES[0], fields=fields, hash=line_hash(fields))
    assert codes(look([(FIRST, [forged, LINES[1]])])) == ["line_altered"]


def test_a_removed_line_is_named_with_its_moment() -> None:
    (finding,) = look([(FIRST, [LINES[0], None])])
    assert finding.code == "line_removed"
    assert finding.line_id == LINES[1].fields.id
    assert finding.at == LINES[1].fields.at
    with speaking("en"):
        (finding,) = look([(FIRST, [LINES[0], None])])
    assert "2026-07-15 16:30:06 UTC is gone: seal 1 holds it in place 2" in finding.text


def test_lines_that_changed_places_are_named() -> None:
    one, two = replace(LINES[0], tx=6), replace(LINES[1], tx=5)
    findings = look([(FIRST, [one, two])])
    assert codes(findings) == ["line_moved"]
    assert findings[0].line_id in {one.fields.id, two.fields.id}


def test_a_line_moved_out_of_its_seal_is_named() -> None:
    moved = replace(LINES[1], tx=9)
    (finding,) = look([(FIRST, [LINES[0], moved])])
    assert (finding.code, finding.line_id) == ("line_moved", moved.fields.id)


def test_an_altered_seal_is_named() -> None:
    findings = look([(replace(FIRST, sealed_at=AT + timedelta(days=1)), LINES[:2])])
    assert codes(findings) == ["seal_altered"]


def test_a_seal_with_its_lines_swapped_is_named_with_them() -> None:
    swapped = replace(FIRST, line_hashes=LINES[1].hash + LINES[0].hash)
    findings = look([(swapped, LINES[:2])])
    assert codes(findings) == ["seal_altered", "line_moved", "line_moved"]


def test_a_removed_seal_is_named() -> None:
    (finding,) = look([(SECOND, LINES[2:])])
    assert finding.code == "seal_removed"


def test_a_seal_made_anew_breaks_the_next() -> None:
    remade = replace(FIRST, sealed_at=AT + timedelta(days=1))
    remade = replace(remade, hash=seal_hash(remade))
    (finding,) = look([(remade, LINES[:2]), (SECOND, LINES[2:])])
    assert (finding.code, finding.seal) == ("chain_broken", 2)


def test_a_story_written_anew_is_found_by_its_anchor() -> None:
    remade = replace(FIRST, sealed_at=AT + timedelta(days=1))
    remade = replace(remade, hash=seal_hash(remade))
    after = sealed(LINES[2:], remade)
    assert look([(remade, LINES[:2]), (after, LINES[2:])]) == []
    (finding,) = look([(remade, LINES[:2]), (after, LINES[2:])], seal2=SECOND.hash)
    assert finding.code == "anchor_differs"


def test_a_tail_that_was_cut_is_found_by_its_anchor() -> None:
    assert look([(FIRST, LINES[:2])]) == []
    (finding,) = look([(FIRST, LINES[:2])], seal2=SECOND.hash)
    assert (finding.code, finding.seal) == ("anchor_missing", 2)


def test_altered_particulars_are_named_and_erased_ones_are_not() -> None:
    altered = replace(LINES[0], body=canonical({"name": "李强"}))
    erased = replace(LINES[1], body=None, salt=None)
    (finding,) = look([(FIRST, [altered, erased])])
    assert (finding.code, finding.line_id) == ("particulars_altered", altered.fields.id)


def test_a_new_cluster_counts_from_the_start_again() -> None:
    later = [line(3, seconds=20), line(4, seconds=21)]
    moved_in = sealed(later, SECOND, cluster=CLUSTER + 1)
    assert look([(FIRST, LINES[:2]), (SECOND, LINES[2:]), (moved_in, later)]) == []


def test_what_is_in_no_seal_is_late_only_behind_the_last_one() -> None:
    chain = Chain({})
    assert not chain.is_late(1, cluster=CLUSTER, next_tx=20)
    list(chain.look_at_seal(FIRST))
    assert chain.is_late(6, cluster=CLUSTER, next_tx=20)
    assert not chain.is_late(7, cluster=CLUSTER, next_tx=20)
    assert chain.is_late(20, cluster=CLUSTER, next_tx=20)
    assert not chain.is_late(6, cluster=CLUSTER + 1, next_tx=20)


@given(st.permutations(range(8)))
def test_as_few_as_possible_are_called_moved(order: list[int]) -> None:
    lines = [line(tx) for tx in range(8)]
    seal = sealed(lines)
    shuffled = [replace(old, tx=tx) for old, tx in zip(lines, order, strict=True)]
    moved = {finding.line_id for finding in look([(seal, shuffled)])}
    rest = [found.tx for found in shuffled if found.fields.id not in moved]
    assert rest == sorted(rest)
    assert bool(moved) == (order != sorted(order))
