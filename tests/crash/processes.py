"""Processes of the product that a test starts, and kills.

Each is `jiaoying …` in an operating system process of its own. They are forked from a server that has
read the program's code already, so that a start costs milliseconds instead of seconds and two hundred
of them are affordable; nothing of the program has run in it before.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from jiaoying.__main__ import main
from jiaoying.kernel.clock import monotonic, real_sleep

START_S = 60.0
STOP_S = 30.0
LOOK_S = 0.01

_forks = get_context("forkserver")
# pytest: each fork looks once at the program that its parent was.
_forks.set_forkserver_preload(["jiaoying.commands.service", "jiaoying.__main__", "pytest"])


@dataclass(frozen=True, slots=True)
class Started:
    """One process: what it prints lies in `said`, what it logs in `log`."""

    name: str
    process: ForkServerProcess
    said: Path
    log: Path

    @property
    def running(self) -> bool:
        return self.process.is_alive()

    def first_words(self) -> str | None:
        """The first line that it printed: every command prints one when it is up."""
        first, whole, _ = self.said.read_text().partition("\n")
        return first if whole else None

    async def wait_until_up(self, timeout_s: float = START_S) -> str:
        """Its first line. Fails with its log if it ends before, or takes too long."""
        until = monotonic() + timeout_s
        while (words := self.first_words()) is None:
            assert self.running, f"{self.name} ended before it was up:\n{self.log_tail()}"
            assert monotonic() < until, f"{self.name} is not up after {timeout_s} s:\n{self.log_tail()}"
            await real_sleep(LOOK_S)
        return words

    async def kill(self) -> None:
        """SIGKILL: nothing of it runs any more when this returns."""
        self.process.kill()
        await asyncio.to_thread(self.process.join, STOP_S)
        assert not self.running, f"{self.name} outlived SIGKILL"

    async def stop(self) -> None:
        """SIGTERM, and SIGKILL for one that does not heed it. Fails if it did not end well by itself."""
        if self.running and self.process.pid is not None:
            with suppress(ProcessLookupError):
                os.kill(self.process.pid, signal.SIGTERM)
        await asyncio.to_thread(self.process.join, STOP_S)
        heeded = not self.running
        if not heeded:
            await self.kill()
        assert heeded, f"{self.name} did not stop within {STOP_S} s:\n{self.log_tail()}"
        assert self.process.exitcode == 0, f"{self.name} ended badly:\n{self.log_tail()}"

    def log_tail(self, most: int = 4000) -> str:
        """The end of its log."""
        return self.log.read_text(errors="replace")[-most:]


def start(name: str, arguments: tuple[str, ...], environment: Mapping[str, str], folder: Path) -> Started:
    """Start `jiaoying ARGUMENTS`, with nothing of our own environment but the path."""
    said, log = folder / f"{name}.said", folder / f"{name}.log"
    said.touch()
    log.touch()
    whole = {"PATH": os.environ.get("PATH", os.defpath), **environment}
    process = _forks.Process(
        target=_run, args=(arguments, whole, str(folder), str(said), str(log)), name=name, daemon=True
    )
    process.start()
    return Started(name, process, said, log)


def _run(
    arguments: tuple[str, ...], environment: Mapping[str, str], folder: str, said: str, log: str
) -> None:
    os.chdir(folder)
    for descriptor, path in ((1, said), (2, log)):
        opened = os.open(path, os.O_WRONLY | os.O_APPEND)
        os.dup2(opened, descriptor)
        os.close(opened)
    sys.stdout = os.fdopen(1, "w", buffering=1, closefd=False)
    sys.stderr = os.fdopen(2, "w", buffering=1, closefd=False)
    os.environ.clear()
    os.environ.update(environment)
    main(arguments, prog_name="jiaoying")
