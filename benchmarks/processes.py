"""Processes of a benchmark: started, waited for, ended; what they used of the machine (Linux, /proc)."""

import asyncio
import os
import sys
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

START_S = 30
STOP_S = 30
_TICKS_PER_S = os.sysconf("SC_CLK_TCK")
_ROOT = Path(__file__).parent.parent
# What lies beside this file is measured, not another checkout that happens to be installed.
_CODE = (str(_ROOT / "src"), str(_ROOT))


class Child:
    """A Python module that runs in a process of its own and has printed its first line."""

    def __init__(self, process: asyncio.subprocess.Process, first_line: str) -> None:
        self._process = process
        self.first_line = first_line
        self.pid = process.pid

    def cpu_s(self) -> float:
        """Seconds of processor that it has used."""
        return sum(_times(self.pid)[:2])

    def rss_mb(self) -> float:
        """What it holds in memory now."""
        return _status_mb(self.pid, "VmRSS")

    def peak_rss_mb(self) -> float:
        """The most that it ever held."""
        return _status_mb(self.pid, "VmHWM")

    async def rest(self) -> str:
        """Everything that it prints until it ends by itself."""
        output, _ = await self._process.communicate()
        if self._process.returncode:
            raise RuntimeError(f"a process of the benchmark ended with {self._process.returncode}")
        return output.decode()

    async def stop(self) -> None:
        """Ask it to end, and wait."""
        if self._process.returncode is None:
            self._process.terminate()
            await asyncio.wait_for(self._process.communicate(), STOP_S)


@asynccontextmanager
async def running(
    module: str, *arguments: str, environment: Mapping[str, str] | None = None, folder: Path | None = None
) -> AsyncGenerator[Child]:
    """`python -m module arguments`, from its first line on; it is ended with the block.

    Of the settings of this machine (JIAOYING_…) nothing reaches it; it runs in `folder`.
    """
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("JIAOYING_")}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", module, *arguments),
        stdout=asyncio.subprocess.PIPE,
        cwd=folder,
        env={**inherited, "PYTHONPATH": os.pathsep.join(_CODE), **(environment or {})},
    )
    assert process.stdout is not None
    try:
        line = await asyncio.wait_for(process.stdout.readline(), START_S)
        if not line:
            raise RuntimeError(f"{module} ended before it was ready")
        child = Child(process, line.decode().strip())
        yield child
        await child.stop()
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()


def family_cpu_s(pid: int) -> float:
    """Seconds of processor of a process, its children, and those of them that have ended."""
    own = sum(_times(pid))
    return own + sum(sum(_times(child)[:2]) for child in _children_of(pid))


def _children_of(pid: int) -> list[int]:
    processes = (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit())
    return [child for child in processes if _parent_of(child) == pid]


def _fields(pid: int) -> list[str]:
    """The fields of /proc/…/stat behind the name (proc(5)); zeros for a process that has ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ["0"] * 50


def _parent_of(pid: int) -> int:
    return int(_fields(pid)[1])


def _times(pid: int) -> tuple[float, ...]:
    """utime, stime, and both of the children that were waited for; in seconds."""
    return tuple(int(field) / _TICKS_PER_S for field in _fields(pid)[11:15])


def _status_mb(pid: int, name: str) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) / 1024
    raise LookupError(name)
