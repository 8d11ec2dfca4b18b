"""The servers that the product starts by itself: shared, adopted, and stopped by the last one out."""

import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from jiaoying.kernel.errors import Refusal
from jiaoying.storage.database import Database
from jiaoying.storage.embedded import EmbeddedServers, start_servers
from jiaoying.storage.processes import has_ended, launch, read_pid, server_account, wait_until
from jiaoying.storage.redis_client import redis_client

HOLDER = """
import sys, time
from pathlib import Path
from typing import Any, cast
from jiaoying.storage.embedded import start_servers
servers = start_servers(Path(sys.argv[1]), careless=True)
print("held", flush=True)
sys.stdin.read()
servers.stop()
"""


@pytest.fixture
def data_dir() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="jiaoying-") as folder:
        yield Path(folder) / "var"


@contextmanager
def another_process(data_dir: Path) -> Generator[subprocess.Popen[str]]:
    """A process that holds the servers until its input is closed."""
    command = [sys.executable, "-c", HOLDER, str(data_dir)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    ) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == "held\n"
        try:
            yield holder
        finally:
            holder.kill()


def start(data_dir: Path) -> EmbeddedServers:
    return start_servers(data_dir, careless=True)


def pids(data_dir: Path) -> tuple[int, int]:
    found = read_pid(data_dir / "postgres/postmaster.pid"), read_pid(data_dir / "valkey/valkey.pid")
    assert found[0]
    assert found[1]
    return found[0], found[1]


def mode_of(path: str | Path) -> int:
    return stat.S_IMODE(Path(path).stat().st_mode)


def running(pid: int) -> bool:
    return not has_ended(pid)


async def ask(url: str, question: str) -> object:
    database = Database(url)
    try:
        async with database.transaction() as tx:
            answer = await tx.execute(text(question))
            return answer.scalar() if answer.returns_rows else None
    finally:
        await database.close()


async def ping(url: str | None) -> object:
    assert url
    async with redis_client(url) as client:
        return await cast("Any", client).ping()


async def test_both_answer_and_postgres_keeps_what_it_was_told(data_dir: Path) -> None:
    with start(data_dir) as servers:
        await ask(servers.database_url("owner"), "CREATE TABLE kept AS SELECT '叫应' AS word")
        assert await ping(servers.redis_url)
    with start(data_dir) as servers:
        assert await ask(servers.database_url("owner"), "SELECT word FROM kept") == "叫应"


async def test_nothing_but_the_sockets_is_listened_on_and_writes_reach_the_disk(data_dir: Path) -> None:
    with start_servers(data_dir) as servers:
        url = servers.database_url("owner")
        assert await ask(url, "SHOW listen_addresses") == ""
        assert await ask(url, "SHOW fsync") == "on"
        assert await ask(url, "SHOW synchronous_commit") == "on"
        assert await ask(url, "SHOW unix_socket_permissions") == "0700"


def test_only_its_user_enters(data_dir: Path) -> None:
    with start(data_dir):
        modes = {
            path.name: mode_of(path)
            for path in (data_dir, *(data_dir / name for name in ("postgres", "valkey", "sockets")))
        }
        assert modes == dict.fromkeys(("var", "postgres", "valkey", "sockets"), 0o700)


def test_last_one_out_stops_them(data_dir: Path) -> None:
    first, second = start(data_dir), start(data_dir)
    both = pids(data_dir)
    first.stop()
    assert all(map(running, both))
    first.stop()
    assert all(map(running, both))
    second.stop()
    assert not any(map(running, both))


def test_two_processes_share_them(data_dir: Path) -> None:
    with another_process(data_dir) as holder:
        both = pids(data_dir)
        ours = start(data_dir)
        assert pids(data_dir) == both
        assert holder.stdin
        holder.stdin.close()
        assert holder.wait(timeout=30) == 0
        assert all(map(running, both))
        ours.stop()
        assert not any(map(running, both))


async def test_servers_of_a_killed_process_are_adopted(data_dir: Path) -> None:
    with another_process(data_dir) as holder:
        both = pids(data_dir)
        holder.kill()
        holder.wait(timeout=30)
    assert all(map(running, both))
    with start(data_dir) as servers:
        assert pids(data_dir) == both
        assert await ask(servers.database_url("owner"), "SELECT 1") == 1
    assert not any(map(running, both))


async def test_killed_postgres_is_brought_back_by_the_next_start(data_dir: Path) -> None:
    with start(data_dir) as servers:
        await ask(servers.database_url("owner"), "CREATE TABLE kept AS SELECT 7 AS number")
        killed = pids(data_dir)[0]
        os.kill(killed, signal.SIGKILL)
        with start(data_dir) as again:
            assert pids(data_dir)[0] != killed
            assert await ask(again.database_url("owner"), "SELECT number FROM kept") == 7


async def test_killed_servers_are_revived(data_dir: Path) -> None:
    with start(data_dir) as servers:
        both = pids(data_dir)
        for pid in both:
            os.kill(pid, signal.SIGKILL)
        assert wait_until(lambda: not any(map(running, both)), 10)
        servers.revive()
        assert await ask(servers.database_url("owner"), "SELECT 1") == 1
        assert await ping(servers.redis_url)


async def test_pid_file_that_names_a_stranger_is_no_obstacle(data_dir: Path) -> None:
    with start(data_dir):
        left = (data_dir / "postgres/postmaster.pid").read_text().split("\n")
    # As after a restart of the machine: the same number, another process of the same user.
    stranger = launch(["/bin/sleep", "60"], server_account(data_dir), data_dir / "stranger.log")
    (data_dir / "postgres/postmaster.pid").write_text("\n".join([str(stranger), *left[1:]]))
    (data_dir / "valkey/valkey.pid").write_text(f"{stranger}\n")
    with start(data_dir) as servers:
        assert await ask(servers.database_url("owner"), "SELECT 1") == 1
        assert await ping(servers.redis_url)
    assert running(stranger)
    os.kill(stranger, signal.SIGKILL)
    assert wait_until(lambda: not running(stranger), 10)


def test_interrupted_first_start_is_begun_anew(data_dir: Path) -> None:
    (data_dir / "postgres.new/base").mkdir(parents=True)
    with start(data_dir):
        assert not (data_dir / "postgres.new").exists()


async def test_server_without_its_socket_is_replaced(data_dir: Path) -> None:
    with start(data_dir) as servers:
        both = pids(data_dir)
        for name in (".s.PGSQL.5432", "valkey.sock"):
            (data_dir / "sockets" / name).unlink()
        servers.revive()
        assert await ask(servers.database_url("owner"), "SELECT 1") == 1
        assert await ping(servers.redis_url)
        assert not any(map(running, both))


async def test_long_path_with_blanks_has_its_sockets_elsewhere(data_dir: Path) -> None:
    far_away = data_dir / "县应急 管理局, 值班室" / ("x" * 60)
    with start(far_away) as servers:
        sockets = (far_away / "sockets.path").read_text()
        assert mode_of(sockets) == 0o700
        with start(far_away) as joined:
            assert joined.database_url("app") == servers.database_url("app")
        assert await ask(servers.database_url("owner"), "SELECT current_user") == "jiaoying_owner"
        assert await ping(servers.redis_url)
    shutil.rmtree(sockets)


def test_sockets_that_are_not_here_mean_somebody_elses_servers(data_dir: Path) -> None:
    far_away = data_dir / ("x" * 90)
    with start(far_away) as servers:
        note = far_away / "sockets.path"
        here = note.read_text()
        note.write_text("/nowhere/jiaoying-sockets")
        with pytest.raises(Refusal, match="/nowhere/jiaoying-sockets"):
            start(far_away)
        note.write_text(here)
        servers.stop()
    Path(here).rmdir()


def test_folder_with_other_things_in_it_is_refused(data_dir: Path) -> None:
    (data_dir / "postgres").mkdir(parents=True)
    (data_dir / "postgres/holiday.jpg").touch()
    with pytest.raises(Refusal, match="JIAOYING_DATA_DIR"):
        start(data_dir)
    assert (data_dir / "postgres/holiday.jpg").exists()


def test_one_of_the_two(data_dir: Path) -> None:
    with start_servers(data_dir, postgres=False) as servers:
        assert servers.redis_url
        with pytest.raises(Refusal):
            servers.database_url("app")
    with start_servers(data_dir, valkey=False, careless=True) as servers:
        assert servers.redis_url is None


async def test_no_statement_and_no_number_in_the_logs(data_dir: Path) -> None:
    with start(data_dir) as servers:
        url = servers.database_url("owner")
        await ask(url, "CREATE TABLE numbers (number text PRIMARY KEY)")
        await ask(url, "INSERT INTO numbers VALUES ('+8610055501234')")
        with pytest.raises(IntegrityError):
            await ask(url, "INSERT INTO numbers VALUES ('+8610055501234')")
    logged = "".join(log.read_text() for log in (data_dir / "postgres/log").iterdir())
    assert "duplicate key" in logged
    assert "55501234" not in logged
    assert "INSERT" not in logged
