"""What became of areas from one list to the next: re-coded, merged, or gone. Pure."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from jiaoying.kernel.area_names import Area, base_name
from jiaoying.kernel.areas import Level


class ChangeKind(StrEnum):
    """What happened to an area that was known before."""

    RENAMED = "renamed"
    MERGED = "merged"  # or given another code: it has a successor
    RETIRED = "retired"  # gone, and nobody knows where its people belong


@dataclass(frozen=True, slots=True)
class AreaChange:
    """One such change. `name` is the name before; `now` the name or the code that goes on."""

    kind: ChangeKind
    code: str
    name: str
    now: str | None = None


def ends_of(successors: Mapping[str, str]) -> tuple[dict[str, str], frozenset[str]]:
    """Where each merged area ended up after all steps, and those that would go round in a circle for ever."""
    ends: dict[str, str] = {}
    circling: set[str] = set()
    for start in successors:
        passed = [start]
        while (step := successors.get(passed[-1])) is not None and step not in passed:
            passed.append(step)
        if step is None:
            ends[start] = passed[-1]
        else:
            circling.add(start)
    return ends, frozenset(circling)


def recoded(gone: Sequence[Area], new: Sequence[Area], successors: Mapping[str, str]) -> dict[str, str]:
    """Which of the areas that are gone only got another code: old → new.

    The same level, under the same parent (or the one that the parent became), and the only ones there
    of that name, or of one that it had before, or of that name without its ending (潘庄村, 潘庄社区).
    """
    found: dict[str, str] = {}
    for level in Level:  # a township before its villages
        old = [area for area in gone if area.level == level]
        candidates = [area for area in new if area.level == level]
        ends, _ = ends_of({**successors, **found})
        for names_before, names_now in ((_own, _own), (_former, _own), (_base, _base)):
            left = [area for area in old if area.code not in found]
            free = [area for area in candidates if area.code not in found.values()]
            before, after = _by_place(left, names_before, ends), _by_place(free, names_now, ends)
            found |= {
                only.code: after[place][0].code
                for place, (only, *others) in before.items()
                if not others and len(after.get(place, ())) == 1
            }
    return found


Names = Callable[[Area], Iterable[str]]


def _by_place(
    areas: Iterable[Area], names: Names, ends: Mapping[str, str]
) -> dict[tuple[str | None, str], list[Area]]:
    """Areas by their parent of today and by name."""
    places: defaultdict[tuple[str | None, str], list[Area]] = defaultdict(list)
    for area in areas:
        parent = ends.get(area.parent_code or "", area.parent_code)
        for name in names(area):
            places[parent, name].append(area)
    return places


def _own(area: Area) -> Iterable[str]:
    return (area.name,)


def _former(area: Area) -> Iterable[str]:
    return area.former_names


def _base(area: Area) -> Iterable[str]:
    return (base_name(area.name, area.level),)
