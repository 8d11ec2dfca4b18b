"""People who are each other's superiors, directly or in a circle. Pure."""

from collections.abc import Collection, Mapping
from uuid import UUID


def circles_in(above: Mapping[UUID, Collection[UUID]]) -> list[tuple[UUID, ...]]:
    """Circles of the roster's superiors, each found once; `above` gives everybody their superiors.

    A walk that keeps its way in a list: a province's chain is longer than Python lets functions nest.
    """
    found: list[tuple[UUID, ...]] = []
    done: set[UUID] = set()
    for start in above:
        way: dict[UUID, None] = {}
        waiting = [(start, iter(sorted(above[start])))] if start not in done else []
        way.update((person, None) for person, _ in waiting)
        while waiting:
            person, superiors = waiting[-1]
            step = next(superiors, None)
            if step is None:
                waiting.pop()
                way.pop(person)
                done.add(person)
            elif step in way:
                places = list(way)
                found.append(tuple(places[places.index(step) :]))
            elif step not in done and step in above:
                waiting.append((step, iter(sorted(above[step]))))
                way[step] = None
    return found
