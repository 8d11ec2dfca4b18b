"""A person operates a telephone: on the town's API and on its page."""

from typing import Any

import pytest

from gateways.simulator.street import OURS, PHONE, Street


async def ringing(street: Street, **call: Any) -> None:
    await street.town(
        "PUT", f"/phones/{PHONE}", {"habit": {"call": {"does": "ignore"} | call}, "name": "演示张三"}
    )
    await street.call()
    await street.walk(4)


async def refusal(street: Street, path: str, content: Any = None, method: str = "POST") -> str:
    answer = await street.ask(method, f"/town{path}", json=content)
    assert answer.status == 400
    return answer.content["complaints"][0]["field"]


async def test_picking_up_pressing_and_hanging_up(street: Street) -> None:
    await ringing(street)
    assert (await street.phone())["ringing"] is not None
    await street.town("POST", f"/phones/{PHONE}/answer")
    await street.walk(2)
    assert (await street.phone())["in_call"] is not None
    await street.town("POST", f"/phones/{PHONE}/keys", {"digits": "2"})
    await street.walk(0.2)
    assert street.listener.at("/key")[0]["Digits"] == "2"
    ended = await street.town("POST", f"/phones/{PHONE}/hang-up")
    assert (ended["status"], ended["ended_by"], ended["by_hand"]) == ("completed", "phone", True)
    await street.walk(60)
    assert street.listener.statuses_at("/call-status") == ["initiated", "ringing", "in-progress", "completed"]


async def test_the_habit_leaves_a_call_alone_that_was_picked_up_by_hand(street: Street) -> None:
    await ringing(street, does="answer", after_s=5, keys="1", key_after_s=2)
    await street.town("POST", f"/phones/{PHONE}/answer")
    await street.walk(60)
    assert (await street.only_call())["keys"] == ""


async def test_pressing_a_key_takes_a_call_over_from_the_habit(street: Street) -> None:
    await ringing(street, does="answer", after_s=1, keys="1", key_after_s=4)
    await street.town("POST", f"/phones/{PHONE}/keys", {"digits": "3"})
    await street.walk(60)
    assert (await street.only_call())["keys"] == "3"


async def test_declining_is_busy(street: Street) -> None:
    await ringing(street)
    await street.town("POST", f"/phones/{PHONE}/hang-up")
    await street.walk(60)
    assert (await street.only_call())["status"] == "busy"
    assert street.listener.at("/call-status")[-1]["SipResponseCode"] == "603"
    assert street.listener.at("/voice") == []


@pytest.mark.parametrize(
    ("path", "content", "field"),
    [
        (f"/phones/{PHONE}/answer", None, "number"),
        (f"/phones/{PHONE}/hang-up", None, "number"),
        (f"/phones/{PHONE}/keys", {"digits": "1"}, "number"),
        (f"/phones/{PHONE}/keys", {"digits": "A"}, "digits"),
        (f"/phones/{PHONE}/text", {"body": ""}, "body"),
        (f"/phones/{PHONE}/text", {"body": "字" * 1601}, "body"),
        (f"/phones/{PHONE}/text", {"body": "1", "to": "+8610055555555"}, "to"),
        (f"/phones/{PHONE}/ring-us", {"keys": "x"}, "keys"),
        (f"/phones/{PHONE}/ring-us", {"key_after_s": -1}, "key_after_s"),
        ("/phones/110/text", {"body": "1"}, "number"),
        ("/faults", [{"kind": "fire"}], "faults[0].kind"),
        ("/faults", [{"kind": "slow", "share": 2}], "faults[0].share"),
        ("/faults", [{"kind": "slow", "count": 0}], "faults[0].count"),
        ("/faults", [{"kind": "slow", "channel": "fax"}], "faults[0].channel"),
        ("/faults", [{"kind": "slow"}] * 101, "faults"),
    ],
)
async def test_what_makes_no_sense_is_refused(street: Street, path: str, content: Any, field: str) -> None:
    assert await refusal(street, path, content) == field


@pytest.mark.parametrize(
    ("habit", "field"),
    [
        ("sleeps", "habit"),
        ({"call": {"does": "sleep"}}, "habit.call.does"),
        ({"call": {"after_s": -1}}, "habit.call.after_s"),
        ({"call": {"keys": "ABC"}}, "habit.call.keys"),
        ({"text": {"back_after_s": "soon"}}, "habit.text.back_after_s"),
        ({"text": {"words": "字" * 1601}}, "habit.text.words"),
        ({"colour": "red"}, "habit.colour"),
        ({"exists": 1}, "habit.exists"),
        ([], "habit"),
    ],
)
async def test_a_habit_that_makes_no_sense_is_refused(street: Street, habit: Any, field: str) -> None:
    assert await refusal(street, f"/phones/{PHONE}", {"habit": habit}, "PUT") == field


async def test_another_site_may_not_operate_a_telephone(street: Street) -> None:
    answer = await street.ask(
        "POST", f"/town/phones/{PHONE}/text", json={"body": "1"}, headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert answer.status == 403
    assert street.simulator.idle()
    assert (await street.phone())["messages"] == []


async def test_a_person_answers_the_number_they_last_heard_from(street: Street) -> None:
    await street.send(From="+8610000000001")
    await street.town("POST", f"/phones/{PHONE}/text", {"body": "1"})
    await street.simulator.run_due()
    assert street.listener.at("/inbound")[0]["To"] == "+8610000000001"


async def test_the_pages_show_who_rings_and_what_came(street: Street) -> None:
    await street.send(body="<b>暴雨</b>红色预警")
    await street.walk(5)
    await ringing(street)
    listed = await street.ask("GET", "/")
    assert listed.status == 200
    assert "演示张三" in listed.content
    assert "正在响铃" in listed.content
    assert "default-src 'none'" in listed.headers["Content-Security-Policy"]
    page = await street.ask("GET", f"/phones/{PHONE}")
    assert f"/town/phones/{PHONE}/answer" in page.content
    assert OURS in page.content
    await street.town("POST", f"/phones/{PHONE}/hang-up")
    page = await street.ask("GET", f"/phones/{PHONE}")
    assert "&lt;b&gt;暴雨&lt;/b&gt;红色预警" in page.content
    assert "已拒接" in page.content


async def test_the_pages_speak_english_when_asked(street: Street) -> None:
    page = await street.ask("GET", f"/phones/{PHONE}?lang=en")
    assert '<html lang="en">' in page.content
    assert "Write a text…" in page.content
    assert page.headers["Set-Cookie"].startswith("lang=en")


async def test_the_live_part_is_sent_only_when_something_changed(street: Street) -> None:
    first = (await street.ask("GET", f"/phones/{PHONE}/live?since=none")).content
    assert first["clock"] == "00:30:00"
    same = await street.ask("GET", f"/phones/{PHONE}/live?since={first['revision']}")
    assert same.content["html"] is None
    await street.send(body="转移通知")
    changed = await street.ask("GET", f"/phones/{PHONE}/live?since={first['revision']}")
    assert "转移通知" in changed.content["html"]
    listed = (await street.ask("GET", "/live?since=none&search=5678")).content
    assert PHONE in listed["html"]
    other = (await street.ask("GET", "/live?since=none&search=9999")).content
    assert PHONE not in other["html"]
    assert (await street.ask("GET", f"/live?since={listed['revision']}")).content["html"] is None


async def test_a_talking_telephone_shows_what_is_heard(street: Street) -> None:
    await ringing(street)
    await street.town("POST", f"/phones/{PHONE}/answer")
    await street.simulator.run_due()
    page = await street.ask("GET", f"/phones/{PHONE}")
    assert "确认收到请按一" in page.content
    assert f"/town/phones/{PHONE}/keys" in page.content


@pytest.mark.parametrize(
    ("path", "status"), [("/static/town.js", 200), ("/static/x.py", 404), ("/phones/110", 404)]
)
async def test_what_else_is_served(street: Street, path: str, status: int) -> None:
    assert (await street.ask("GET", path)).status == status
