"""Starting it: from a town file, with a wrong account, on a port that is taken."""

import asyncio
from pathlib import Path

import aiohttp
import pytest

from gateways.simulator.street import OURS, PHONE, START, TOKEN, Street
from jiaoying.gateways.simulator.habits import NAMED_HABITS, CallManner
from jiaoying.gateways.simulator.service import Opened, Simulator, run_simulator
from jiaoying.gateways.simulator.town_file import load_town, read_town
from jiaoying.kernel.clock import ManualClock
from jiaoying.kernel.errors import Refusal, SettingError

TOWN = """
seed: 7
mix: true
numbers: ["+8610000000000"]
auth_token: hushhush
webhooks: {message_url: "http://127.0.0.1:8080/callbacks/twilio/message"}
phones:
  - {number: "+8610012345678", name: 演示张三, habit: ignores}
  - number: "+8610087654321"
    habit: {call: {does: answer, after_s: 2, keys: "2"}, text: {does: reply, words: 转移 12户35人}}
"""


def written(folder: Path, content: str) -> Path:
    path = folder / "town.yaml"
    path.write_text(content, encoding="utf-8")
    return path


def test_a_town_file_is_read(tmp_path: Path) -> None:
    content = load_town(written(tmp_path, TOWN))
    assert (content.town.seed, content.town.mixed, content.numbers) == (7, True, (OURS,))
    assert content.phones[0].habit == NAMED_HABITS["ignores"]
    habit = content.phones[1].habit
    assert habit is not None
    assert (habit.call.keys, habit.text.words) == ("2", "转移 12户35人")


@pytest.mark.parametrize(
    ("content", "field"),
    [
        ("phones: [{name: 无号}]", "phones[0].number"),
        ("phones: [{number: '110'}]", "number"),
        ("phones: [{number: '+8610012345678', habit: sleeps}]", "phones[0].habit"),
        ("phones: {}", "phones"),
        ("seed: seven", "seed"),
        ("mix: 1", "mix"),
        ("people: []", "people"),
        ("[]", "town"),
    ],
)
def test_a_town_file_that_makes_no_sense_names_the_field(tmp_path: Path, content: str, field: str) -> None:
    with pytest.raises(Refusal) as refusal:
        load_town(written(tmp_path, content))
    assert refusal.value.complaints[0].field == field


def test_a_town_file_that_cannot_be_read(tmp_path: Path) -> None:
    for path in (tmp_path / "nowhere.yaml", written(tmp_path, "a: [")):
        with pytest.raises(Refusal, match=path.name):
            load_town(path)
    assert read_town(None).phones == ()


async def test_it_runs_from_a_file_until_it_is_cancelled(tmp_path: Path) -> None:
    opened: asyncio.Future[Opened] = asyncio.get_running_loop().create_future()
    async with asyncio.TaskGroup() as group:
        running = group.create_task(
            run_simulator(
                "127.0.0.1", 0, written(tmp_path, TOWN), ManualClock(START), on_open=opened.set_result
            )
        )
        account = await opened
        assert (account.auth_token, account.from_numbers) == ("hushhush", (OURS,))
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"{account.base_url}/town/phones/{PHONE}") as response,
        ):
            assert (await response.json())["habit"]["call"]["does"] == CallManner.IGNORE
        running.cancel()
    with pytest.raises(aiohttp.ClientConnectorError):
        async with aiohttp.ClientSession() as session:
            await session.get(account.base_url)


@pytest.mark.parametrize("change", [{"account_sid": "AC1"}, {"auth_token": ""}, {"from_numbers": []}])
def test_an_account_in_another_form_is_refused(change: dict[str, object]) -> None:
    account: dict[str, object] = {
        "account_sid": "AC" + "0" * 32,
        "auth_token": TOKEN,
        "from_numbers": [OURS],
    }
    with pytest.raises(SettingError):
        Simulator(clock=ManualClock(START), secret="", **(account | change))  # type: ignore[arg-type]


async def test_a_port_that_is_taken_is_told(street: Street) -> None:
    port = int(street.base.rsplit(":", 1)[1])
    second = Simulator(
        clock=street.clock, account_sid="AC" + "0" * 32, auth_token=TOKEN, secret="", from_numbers=[OURS]
    )
    with pytest.raises(OSError, match=str(port)):
        await second.start(port=port)
    await second.stop()
