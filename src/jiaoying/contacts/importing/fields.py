"""Fields of two states of one thing compared, in words that are the same in every language."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from jiaoying.contacts.importing.differences import Change


def changes_between(
    before: object,
    after: object,
    fields: Sequence[str],
    *,
    names: Mapping[UUID, str] | None = None,
    renamed: Mapping[str, str] | None = None,
) -> tuple[Change, ...]:
    """The fields that differ, from → to. Ids are told by `names`; `renamed` tells a field by another word."""
    return tuple(
        Change(
            (renamed or {}).get(name, name.removesuffix("_id")),
            _written(getattr(before, name), names or {}),
            _written(getattr(after, name), names or {}),
        )
        for name in fields
        if getattr(before, name) != getattr(after, name)
    )


def facts_of(
    new: object,
    fields: Sequence[str],
    *,
    names: Mapping[UUID, str] | None = None,
    renamed: Mapping[str, str] | None = None,
) -> tuple[Change, ...]:
    """What the fields of a new thing say, those that say anything; as `changes_between` tells them."""
    told = ((name, _written(getattr(new, name), names or {})) for name in fields)
    return tuple(
        Change((renamed or {}).get(name, name.removesuffix("_id")), None, value)
        for name, value in told
        if value is not None
    )


def _written(value: object, names: Mapping[UUID, str]) -> str | None:
    if value is None or value == ():
        return None
    if isinstance(value, UUID):
        return names.get(value, "?")
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return ",".join(str(member) for member in value)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    return str(value)
