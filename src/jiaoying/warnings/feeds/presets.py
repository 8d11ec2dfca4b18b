"""Known feeds as a beginning of a source. Data only: no address is asked until an operator adds one."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import yaml

from jiaoying.kernel.language import current_language

_FIELDS = ("kind", "address", "headers", "credential", "interval_s", "silence_s")


@dataclass(frozen=True, slots=True)
class Preset:
    """A known feed: what to write down, and on what terms it may be used."""

    id: str
    names: Mapping[str, str]
    notes: Mapping[str, str]
    data: Mapping[str, Any]  # the fields of a source (feeds/config.py), braces where the reader writes

    @property
    def name(self) -> str:
        """In the reader's language."""
        return self.names[current_language()]

    @property
    def note(self) -> str:
        """In the reader's language."""
        return self.notes[current_language()]


@cache
def presets() -> tuple[Preset, ...]:
    """Every preset, in the order of their page."""
    text = resources.files("jiaoying.warnings.feeds").joinpath("presets.yaml").read_text(encoding="utf-8")
    return tuple(
        Preset(one["id"], one["name"], one["note"], {name: one[name] for name in _FIELDS if name in one})
        for one in yaml.safe_load(text)
    )


def find_preset(preset_id: str) -> Preset | None:
    """The preset of that id, or None."""
    return next((one for one in presets() if one.id == preset_id), None)
