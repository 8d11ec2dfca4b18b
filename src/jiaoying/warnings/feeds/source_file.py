"""Sources as a YAML file: `sources:` and a list. Secrets are never written out, only that there is one."""

from collections.abc import Sequence
from typing import Any, cast

import yaml

from jiaoying.kernel.errors import Complaint, Refusal
from jiaoying.kernel.language import say
from jiaoying.kernel.plain_data import load_yaml
from jiaoying.warnings.feeds.config import config_from_data, data_of
from jiaoying.warnings.feeds.model import KEPT, SourceConfig


def text_of(configs: Sequence[SourceConfig]) -> str:
    """The file. A secret stands in it as a placeholder, which leaves it as it is when the file is read."""
    head = say(
        "# A secret is never written out: {kept} leaves it as it is. Write a new one in its place.", kept=KEPT
    )
    body = yaml.safe_dump(
        {"sources": [data_of(config) for config in configs]}, allow_unicode=True, sort_keys=False, width=110
    )
    return f"{head}\n{body}"


def configs_in(text: str) -> list[SourceConfig]:
    """The sources of a file. Raises Refusal with every complaint; then nothing of it is used."""
    listed = _listed(load_yaml(text))
    configs: list[SourceConfig] = []
    complaints: list[Complaint] = []
    for number, data in enumerate(listed, 1):
        where = f"sources[{number}]"
        if not isinstance(data, dict):
            complaints.append(Complaint("source", where, say("write names with their values")))
            continue
        read = config_from_data({str(name): value for name, value in data.items()}, where)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
        if isinstance(read, SourceConfig):
            configs.append(read)
        else:
            complaints += read
    names = [config.name for config in configs]
    twice = sorted({name for name in names if names.count(name) > 1})
    complaints += [
        Complaint("source", "sources", say("{name} stands in the file twice", name=one)) for one in twice
    ]
    if complaints:
        raise Refusal(say("The file was not used"), tuple(complaints))
    return configs


def _listed(found: object) -> list[Any]:
    listed = cast("dict[str, Any]", found).get("sources") if isinstance(found, dict) else None
    if not isinstance(listed, list):
        raise Refusal(say("Write `sources:` and below it a list of sources"))
    return cast("list[Any]", listed)
