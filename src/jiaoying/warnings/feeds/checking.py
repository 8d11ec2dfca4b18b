"""What `jiaoying check` finds about sources: those that cannot work as they stand."""

import asyncio
import os
from datetime import datetime
from pathlib import Path

from jiaoying.kernel.errors import Complaint
from jiaoying.kernel.language import say
from jiaoying.storage.database import Tx
from jiaoying.warnings.feeds.config import config_from_data, data_of
from jiaoying.warnings.feeds.model import Proof, Source, SourceConfig, SourceKind, SourceLife
from jiaoying.warnings.sources import list_sources, lives_of, locked_elsewhere


async def source_complaints(tx: Tx, key: str, now: datetime, wall: datetime) -> list[Complaint]:
    """A sentence for everything that keeps a source which is switched on from bringing warnings.

    `key` is what secrets are locked with here (`Secrets.sources`).
    """
    sources = [one for one in await list_sources(tx) if one.config.enabled]
    lives, strange = await lives_of(tx, now, wall), await locked_elsewhere(tx, key)
    found: list[Complaint] = []
    for source in sources:
        name = source.config.name
        if name in strange:
            text = say("{name}: its secret was locked on another data directory: write it again", name=name)
            found.append(Complaint("source_locked", name, text))
        found += _as_written(source.config)
        found += _proof(source, lives.get(name, SourceLife()))
        if source.config.kind is SourceKind.FOLDER:
            found += await asyncio.to_thread(_folder, source.config)
        if source.trouble is not None:
            text = say("{name}: the last attempt to collect failed: {why}", name=name, why=source.trouble)
            found.append(Complaint("source_failing", name, text))
    return found


def _as_written(config: SourceConfig) -> list[Complaint]:
    """What could not be written today: rows may be older than the rules."""
    read = config_from_data(data_of(config), config.name)
    return [] if isinstance(read, SourceConfig) else list(read)


def _proof(source: Source, life: SourceLife) -> list[Complaint]:
    config = source.config
    if config.kind is not SourceKind.PUSH:
        return []
    found: list[Complaint] = []
    if config.proof is not Proof.SIGNATURE and not life.tokens:
        text = say(
            "{name}: no token belongs to it: jiaoying tokens create PROGRAM --scope warnings:write"
            " --source {name}",
            name=config.name,
        )
        found.append(Complaint("source_no_token", config.name, text))
    if config.proof is not Proof.TOKEN and config.signing_secret is None:
        text = say(
            "{name}: it has no secret for signatures: jiaoying sources secret {name}", name=config.name
        )
        found.append(Complaint("source_no_secret", config.name, text))
    return found


def _folder(config: SourceConfig) -> list[Complaint]:
    folder = Path(config.address or "")
    if not folder.is_dir():
        text = say("{name}: there is no folder {folder} on this machine", name=config.name, folder=folder)
        return [Complaint("source_no_folder", config.name, text)]
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        text = say(
            "{name}: the folder {folder} cannot be read and written by the user of this program",
            name=config.name,
            folder=folder,
        )
        return [Complaint("source_no_folder", config.name, text)]
    return []
