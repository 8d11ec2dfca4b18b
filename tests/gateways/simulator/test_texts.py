"""Texts: their life, their refusals, what people write back."""

import pytest

from gateways.simulator.street import NEIGHBOUR, OTHER_OURS, OURS, PHONE, ROOT, Street


async def test_a_text_is_queued_sent_and_delivered(street: Street) -> None:
    answer = await street.send()
    assert answer.status == 201
    assert (answer.content["status"], answer.content["date_sent"]) == ("queued", None)
    path = f"{ROOT}/Messages/{answer.content['sid']}.json"
    await street.leap(0.4)
    assert (await street.ask("GET", path)).content["status"] == "sending"
    await street.walk(5)
    shown = (await street.ask("GET", path)).content
    assert shown["status"] == "delivered"
    assert shown["date_sent"] == "Wed, 15 Jul 2026 16:30:00 +0000"
    assert street.listener.statuses_at("/text-status") == ["sent", "delivered"]
    assert all(heard.signed for heard in street.listener.heard)
    told = street.listener.at("/text-status")[0]
    assert (told["MessageSid"], told["To"], told["From"]) == (answer.content["sid"], PHONE, OURS)


async def test_what_is_answered_at_once_is_what_is_shown_later(street: Street) -> None:
    answer = await street.send(body='引号"与\n换行👌')
    shown = await street.ask("GET", f"{ROOT}/Messages/{answer.content['sid']}.json")
    assert shown.content == answer.content


@pytest.mark.parametrize(
    ("habit", "status", "code"),
    [
        ({"does": "switched_off"}, "undelivered", 30003),
        ({"does": "unknown"}, "undelivered", 30005),
        ({"does": "blocked"}, "undelivered", 30004),
        ({"does": "switched_off", "back_after_s": 300}, "delivered", None),
        ({"does": "switched_off", "back_after_s": 50_000}, "undelivered", 30036),
        ({"does": "ignore"}, "delivered", None),
    ],
)
async def test_what_becomes_of_a_text(street: Street, habit: object, status: str, code: int | None) -> None:
    await street.town("PUT", f"/phones/{PHONE}", {"habit": {"text": habit}})
    await street.send()
    await street.walk(40_000)
    text = await street.only_text()
    assert (text["status"], text["error_code"]) == (status, code)
    last = street.listener.at("/text-status")[-1]
    assert (last["MessageStatus"], last.get("ErrorCode")) == (status, None if code is None else str(code))


async def test_a_phone_that_comes_back_gets_its_text_then(street: Street) -> None:
    await street.town("PUT", f"/phones/{PHONE}", {"text": {"does": "switched_off", "back_after_s": 300}})
    await street.send()
    await street.walk(299)
    assert street.listener.statuses_at("/text-status") == ["sent"]
    await street.walk(2)
    assert street.listener.statuses_at("/text-status") == ["sent", "delivered"]


async def test_the_carrier_tries_no_longer_than_it_is_asked_to(street: Street) -> None:
    await street.town("PUT", f"/phones/{PHONE}", {"text": {"does": "switched_off", "back_after_s": 300}})
    await street.send(ValidityPeriod="120")
    await street.walk(119)
    assert (await street.only_text())["status"] == "sent"
    await street.walk(2)
    assert (await street.only_text())["error_code"] == 30036


async def test_somebody_replies_in_odd_words_after_a_while(street: Street) -> None:
    habit = {"text": {"does": "reply", "after_s": 60, "words": "谁啊？？ 👌"}}
    await street.town("PUT", f"/phones/{PHONE}", {"habit": habit})
    await street.send(From=OTHER_OURS)
    await street.walk(60)
    assert street.listener.at("/inbound") == []
    await street.walk(10)
    (reply,) = street.listener.at("/inbound")
    assert (reply["Body"], reply["From"], reply["To"]) == ("谁啊？？ 👌", PHONE, OTHER_OURS)
    assert reply["FromCity"] == ""
    assert street.listener.heard[-1].signed


async def test_a_person_sends_a_text_and_gets_the_answer_of_the_web_hook(street: Street) -> None:
    street.listener.answers["/inbound"] = "<Response><Message>请回复 1 &amp; 编号</Message></Response>"
    sent = await street.town("POST", f"/phones/{PHONE}/text", {"body": "滑坡了"})
    await street.walk(5)
    assert sent["direction"] == "inbound"
    texts = (await street.phone())["messages"]
    assert [(text["direction"], text["body"]) for text in texts] == [
        ("inbound", "滑坡了"),
        ("outbound-reply", "请回复 1 & 编号"),
    ]
    assert texts[1]["status"] == "delivered"


async def test_stop_blocks_and_start_opens_again(street: Street) -> None:
    await street.town("POST", f"/phones/{PHONE}/text", {"body": " stop "})
    assert (await street.send()).content["code"] == 21610
    assert (await street.send(From=OTHER_OURS)).status == 201
    await street.town("POST", f"/phones/{PHONE}/text", {"body": "START", "to": OURS})
    assert (await street.send()).status == 201


@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        ({"To": "12345"}, 400, 21211),
        ({"To": "+15005550001"}, 400, 21211),
        ({"To": "+15005550009"}, 400, 21614),
        ({"To": ""}, 400, 21604),
        ({"From": ""}, 400, 21603),
        ({"From": "+8610099999999"}, 400, 21606),
        ({"From": "desk"}, 400, 21212),
        ({"From": "+15005550008"}, 429, 21611),
        ({"Body": ""}, 400, 21602),
        ({"Body": "字" * 1601}, 400, 21617),
        ({"StatusCallback": "https://example.com/x"}, 400, 21609),
        ({"StatusCallback": "file:///etc/passwd"}, 400, 21609),
        ({"ValidityPeriod": "40000"}, 400, 20001),
    ],
)
async def test_what_is_refused(street: Street, fields: dict[str, str], status: int, code: int) -> None:
    answer = await street.send(**{"number": PHONE, "body": "字", **fields})
    assert (answer.status, answer.content["code"], answer.content["status"]) == (status, code, status)
    assert answer.content["more_info"] == f"https://www.twilio.com/docs/errors/{code}"
    assert (await street.phone())["messages"] == []


async def test_a_number_that_does_not_exist_is_refused_at_once(street: Street) -> None:
    await street.town("PUT", f"/phones/{PHONE}", {"habit": "invalid"})
    assert (await street.send()).content["code"] == 21211
    assert (await street.call()).content["code"] == 21211


async def test_a_scheduled_text_can_be_taken_back_and_a_queued_one_not(street: Street) -> None:
    scheduled = {
        "ScheduleType": "fixed",
        "SendAt": "2026-07-15T17:00:00Z",
        "MessagingServiceSid": "MG" + "1" * 32,
        "From": "",
    }
    first, second = await street.send(**scheduled), await street.send(NEIGHBOUR, **scheduled)
    assert first.content["status"] == "scheduled"
    path = f"{ROOT}/Messages/{first.content['sid']}.json"
    assert (await street.ask("POST", path, {"Status": "canceled"})).content["status"] == "canceled"
    await street.walk(3600)
    assert street.listener.statuses_at("/text-status") == ["canceled", "sent", "delivered"]
    path = f"{ROOT}/Messages/{second.content['sid']}.json"
    assert (await street.ask("POST", path, {"Status": "canceled"})).content["code"] == 30409
    assert (await street.ask("POST", path, {"Body": ""})).content["body"] == ""


async def test_who_signs_in_wrongly_is_refused(street: Street) -> None:
    answer = await street.ask("GET", f"{ROOT}/Messages.json", headers={"Authorization": "Basic eDp5"})
    assert (answer.status, answer.content["code"]) == (401, 20003)
    elsewhere = await street.ask("GET", "/2010-04-01/Accounts/AC0/Messages.json")
    assert (elsewhere.status, elsewhere.content["code"]) == (404, 20404)
    unknown = await street.ask("GET", f"{ROOT}/Messages/SM{'0' * 32}.json")
    assert (unknown.status, unknown.content["code"]) == (404, 20404)


async def test_parts_are_counted(street: Street) -> None:
    bodies = {"a" * 160: "1", "a" * 161: "2", "字" * 70: "1", "字" * 71: "2", "👌" * 35: "1", "👌" * 36: "2"}
    for body, parts in bodies.items():
        assert (await street.send(body=body)).content["num_segments"] == parts
