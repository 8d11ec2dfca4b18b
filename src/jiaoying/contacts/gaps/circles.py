"""Superiors in a circle: A answers to B, and B, in the end, to A. Pure."""

from collections.abc import Iterable, Mapping
from uuid import UUID

_Graph = Mapping[UUID, list[UUID]]


def circles_in(edges: Iterable[tuple[UUID, UUID]]) -> list[tuple[UUID, ...]]:
    """The circles among (person, superior), of any length, each as its people in the order of identifiers.

    Who is their own superior is a circle of one. Circles that share a person are told as one. These are the
    strongly connected components, found by Kosaraju's two walks: those from whom a walk against the arrows
    comes back, taken in the order in which a walk along the arrows leaves them.
    """
    above: dict[UUID, list[UUID]] = {}
    below: dict[UUID, list[UUID]] = {}
    for person, superior in edges:
        above.setdefault(person, []).append(superior)
        below.setdefault(superior, []).append(person)
    seen: set[UUID] = set()
    left = [person for start in above for person in _walk(above, start, seen)]
    taken: set[UUID] = set()
    groups = [_walk(below, start, taken) for start in reversed(left)]
    return [
        tuple(sorted(group)) for group in groups if len(group) > 1 or (group and _is_own(above, group[0]))
    ]


def _is_own(above: _Graph, person: UUID) -> bool:
    return person in above.get(person, ())


def _walk(graph: _Graph, start: UUID, seen: set[UUID]) -> list[UUID]:
    """Everybody reached from `start` and not seen before, in the order in which they are left."""
    if start in seen:
        return []
    seen.add(start)
    left: list[UUID] = []
    path = [(start, iter(graph.get(start, ())))]
    while path:
        person, rest = path[-1]
        further = next((each for each in rest if each not in seen), None)
        if further is None:
            left.append(person)
            path.pop()
        else:
            seen.add(further)
            path.append((further, iter(graph.get(further, ()))))
    return left
