"""The servers that the product starts by itself: PostgreSQL and Valkey, below the data directory.

Every process that uses the same data directory shares them. Each holds a shared lock on
`servers.held`; whoever leaves tries to take it alone, and only the last one, who can, stops the
servers. Servers that a killed process left behind are adopted by the next one.

Authentication is trust: whoever reaches the sockets may do everything. So they lie in a folder
that only the servers' user (and root) can enter, and nothing listens on a network address.
"""

import fcntl
import os
import re
import stat
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Literal, Self
from urllib.parse import quote

from jiaoying.kernel.errors import Refusal
from jiaoying.kernel.language import say
from jiaoying.storage.postgres import APP_ROLE, DATABASE, OWNER_ROLE, PostgresServer, postgres_programs
from jiaoying.storage.processes import (
    Account,
    let_account_through,
    private_folder,
    server_account,
    wait_until,
)
from jiaoying.storage.valkey import ValkeyServer, valkey_program

# A socket's path ends at 104 bytes on macOS and 108 on Linux; `.s.PGSQL.5432` is the longest name.
LONGEST_SOCKET_FOLDER = 85
# Longer than the slowest start or stop of another process.
TURN_TIMEOUT_S = 240.0
HOLD_NAME = "servers.held"


class EmbeddedServers:
    """This process's hold on the servers of a data directory; let go with `stop` or by `with`.

    Made by `start_servers`.
    """

    def __init__(
        self, data_dir: Path, postgres: PostgresServer, valkey: ValkeyServer, wanted: tuple[bool, bool]
    ) -> None:
        self._data_dir = data_dir
        self._postgres = postgres
        self._valkey = valkey
        self._postgres_wanted, self._valkey_wanted = wanted
        self._hold: int | None = None

    def database_url(self, role: Literal["app", "owner"]) -> str:
        """Where the database is, for the role that serves or the one that migrates.

        Raises Refusal if PostgreSQL was not asked for.
        """
        if not self._postgres_wanted:
            raise Refusal(say("The embedded PostgreSQL was not started: set JIAOYING_DATABASE_URL"))
        user = APP_ROLE if role == "app" else OWNER_ROLE
        return f"postgresql://{user}@/{DATABASE}?host={quote(str(self._postgres.sockets))}"

    @property
    def redis_url(self) -> str | None:
        """Where Valkey is, or None if it was not asked for."""
        return f"unix://{quote(str(self._valkey.socket_path))}" if self._valkey_wanted else None

    def revive(self) -> None:
        """Bring back a server that has died; nothing happens while both live.

        Blocks for some milliseconds, or for a second if it has work to do. Raises Refusal.
        """
        with _turn(self._data_dir):
            self._ensure_running()

    def stop(self) -> None:
        """Let go; the last one to do so stops the servers. Blocks; may be called twice."""
        if self._hold is None:
            return
        with _turn(self._data_dir):
            if _locked_alone(self._hold):
                # Also one that only a process now gone had asked for.
                self._valkey.stop()
                self._postgres.stop()
            self._let_go()

    def take_hold(self) -> None:
        """Start or adopt what is not there. For `start_servers`, which hands out only what runs."""
        with _turn(self._data_dir):
            self._hold = _open_lock(self._data_dir / HOLD_NAME)
            fcntl.flock(self._hold, fcntl.LOCK_SH)
            try:
                self._ensure_running()
            except BaseException:
                self._let_go()
                raise

    def _ensure_running(self) -> None:
        if self._postgres_wanted:
            self._postgres.ensure_running()
        if self._valkey_wanted:
            self._valkey.ensure_running()

    def _let_go(self) -> None:
        if self._hold is not None:
            os.close(self._hold)
            self._hold = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def start_servers(
    data_dir: Path, *, postgres: bool = True, valkey: bool = True, careless: bool = False
) -> EmbeddedServers:
    """Start the servers of `data_dir`, or join those that run there already.

    Blocks for about a second: call it through `asyncio.to_thread`. `careless` is for tests: it
    lets a PostgreSQL that is started now lose its data in a power cut.

    Raises Refusal with a sentence that says what is wrong and what to do.
    """
    data_dir = data_dir.resolve()
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    account = server_account(data_dir)
    if account:
        let_account_through(data_dir, postgres_programs() if postgres else valkey_program().parent, account)
    with _turn(data_dir):
        sockets = _socket_folder(data_dir, account)
    servers = EmbeddedServers(
        data_dir,
        PostgresServer(data_dir / "postgres", sockets, account, careless),
        ValkeyServer(data_dir / "valkey", sockets, account),
        (postgres, valkey),
    )
    servers.take_hold()
    return servers


@contextmanager
def _turn(data_dir: Path) -> Generator[None]:
    """One process at a time decides about starting and stopping."""
    lock = _open_lock(data_dir / "servers.turn")
    try:
        if not wait_until(lambda: _locked_alone(lock), TURN_TIMEOUT_S):
            raise Refusal(
                say(
                    "Another process has been starting or stopping the servers of {folder} for too long:"
                    " end it, then try again",
                    folder=data_dir,
                )
            )
        yield
    finally:
        os.close(lock)


def _open_lock(path: Path) -> int:
    lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    owner = path.parent.stat()
    if os.geteuid() == 0:
        # Root may look after the servers of another user, who must still be able to lock.
        os.fchown(lock, owner.st_uid, owner.st_gid)
    return lock


def _locked_alone(lock: int) -> bool:
    """Take a lock for ourselves; on one that we share, this succeeds if nobody shares it with us."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _socket_folder(data_dir: Path, account: Account | None) -> Path:
    """Where the sockets lie: below the data directory, or where its path is too long for a socket,
    in a folder of the system's temporary one, which the file `sockets.path` names.
    """
    near = data_dir / "sockets"
    if len(os.fsencode(near)) <= LONGEST_SOCKET_FOLDER and re.fullmatch(r"[\w./+-]+", str(near)):
        return private_folder(near, account)
    note = data_dir / "sockets.path"
    if note.exists():
        far = Path(note.read_text())
        if _is_private(far, account):
            return far
        _refuse_if_held(data_dir, far)
    return _new_far_folder(note, account)


def _refuse_if_held(data_dir: Path, far: Path) -> None:
    """Somebody uses sockets that are not on this machine: a second server on the same files would
    destroy them."""
    lock = _open_lock(data_dir / HOLD_NAME)
    try:
        if not _locked_alone(lock):
            raise Refusal(
                say(
                    "{folder} is in use by a process that keeps its sockets in {sockets}, which is not"
                    " here: end that process, or set JIAOYING_DATA_DIR to a shorter path",
                    folder=data_dir,
                    sockets=far,
                )
            )
    finally:
        os.close(lock)


def _is_private(folder: Path, account: Account | None) -> bool:
    """The temporary folder is everybody's: what lies at the noted path may be another's by now."""
    try:
        found = folder.lstat()
    except OSError:
        return False
    owner = account.uid if account else os.geteuid()
    return stat.S_ISDIR(found.st_mode) and found.st_uid == owner and stat.S_IMODE(found.st_mode) == 0o700


def _new_far_folder(note: Path, account: Account | None) -> Path:
    far = private_folder(Path(tempfile.mkdtemp(prefix="jiaoying-")), account)
    with tempfile.NamedTemporaryFile("w", dir=note.parent, delete=False) as writing:
        writing.write(str(far))
    Path(writing.name).rename(note)
    return far
