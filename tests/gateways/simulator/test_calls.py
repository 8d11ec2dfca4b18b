"""Calls: every habit, every end, what is heard and pressed."""

from datetime import datetime
from typing import Any

import pytest

from gateways.simulator.street import NEIGHBOUR, OURS, PHONE, QUESTION, ROOT, Street

LISTENING_S = 2 * 13 / 4  # the question's thirteen characters, twice


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


async def habit(street: Street, **call: Any) -> None:
    await street.town("PUT", f"/phones/{PHONE}", {"habit": {"call": call}})


async def test_somebody_picks_up_and_presses_a_key(street: Street) -> None:
    await habit(street, does="answer", after_s=10, keys="1", key_after_s=5)
    answer = await street.call()
    assert (answer.status, answer.content["status"], answer.content["start_time"]) == (201, "queued", None)
    await street.walk(120)
    call = await street.only_call()
    assert (call["status"], call["keys"], call["ended_by"]) == ("completed", "1", "us")
    assert call["heard"] == ["暴雨红色预警确认收到请按一", "已记录"]
    assert (at(call["answered_at"]) - at(call["rang_at"])).total_seconds() == 10
    pressed = street.listener.at("/key")[0]
    assert (pressed["Digits"], pressed["CallSid"], pressed["x"]) == ("1", answer.content["sid"], "1")
    assert (at(call["ended_at"]) - at(call["answered_at"])).total_seconds() == 5 + 3 / 4
    assert street.listener.statuses_at("/call-status") == ["initiated", "ringing", "in-progress", "completed"]
    assert all(heard.signed for heard in street.listener.heard)


async def test_reports_are_numbered_and_dated(street: Street) -> None:
    await habit(street, does="answer", after_s=10, keys="1", key_after_s=5)
    await street.call()
    await street.walk(120)
    told = street.listener.at("/call-status")
    assert [params["SequenceNumber"] for params in told] == ["0", "1", "2", "3"]
    assert told[1]["Timestamp"] == "Wed, 15 Jul 2026 16:30:01 +0000"
    assert (told[3]["CallDuration"], told[3]["Duration"], told[3]["SipResponseCode"]) == ("6", "1", "200")
    assert "CallDuration" not in told[2]
    assert told[0]["CallbackSource"] == "call-progress-events"


async def test_only_the_reports_asked_for_are_sent(street: Street) -> None:
    await street.call(StatusCallbackEvent=["ringing completed"])
    await street.walk(120)
    assert street.listener.statuses_at("/call-status") == ["ringing", "completed"]
    await street.call(NEIGHBOUR, StatusCallback=f"{street.listener.base}/only", StatusCallbackEvent=[])
    await street.walk(120)
    assert street.listener.statuses_at("/only") == ["completed"]


@pytest.mark.parametrize(
    ("call", "status", "sip"),
    [
        ({"does": "ignore"}, "no-answer", "487"),
        ({"does": "busy"}, "busy", "486"),
        ({"does": "switched_off"}, "failed", "480"),
        ({"does": "answer", "after_s": 70}, "no-answer", "487"),
    ],
)
async def test_nobody_is_reached(street: Street, call: dict[str, Any], status: str, sip: str) -> None:
    await habit(street, **call)
    await street.call()
    await street.walk(120)
    seen = await street.only_call()
    assert (seen["status"], seen["answered_at"], seen["heard"]) == (status, None, [])
    last = street.listener.at("/call-status")[-1]
    assert (last["CallStatus"], last["SipResponseCode"], last["CallDuration"]) == (status, sip, "0")
    assert street.listener.at("/voice") == []


async def test_it_rings_as_long_as_asked_and_five_seconds_more(street: Street) -> None:
    await habit(street, does="ignore")
    await street.call(Timeout="25")
    await street.walk(120)
    call = await street.only_call()
    assert (at(call["ended_at"]) - at(call["rang_at"])).total_seconds() == 30


async def test_somebody_listens_and_presses_nothing(street: Street) -> None:
    await habit(street, does="listen", after_s=3)
    await street.call()
    await street.walk(120)
    call = await street.only_call()
    assert (call["status"], call["keys"], call["ended_by"]) == ("completed", "", "us")
    (empty,) = street.listener.at("/key")
    assert empty["Digits"] == ""
    lasted = (at(call["ended_at"]) - at(call["answered_at"])).total_seconds()
    assert lasted == LISTENING_S + 6 + 3 / 4


async def test_somebody_hangs_up_midway(street: Street) -> None:
    await habit(street, does="hang_up", after_s=3, hang_up_after_s=4)
    await street.call()
    await street.walk(120)
    call = await street.only_call()
    assert (call["status"], call["ended_by"], call["seconds"]) == ("completed", "phone", 4)
    assert street.listener.at("/key") == []


async def test_voicemail_picks_up_and_presses_nothing(street: Street) -> None:
    await habit(street, does="voicemail", after_s=25)
    await street.call(
        MachineDetection="Enable", AsyncAmd="true", AsyncAmdStatusCallback=f"{street.listener.base}/amd"
    )
    await street.walk(120)
    assert (await street.only_call())["status"] == "completed"
    (machine,) = street.listener.at("/amd")
    assert machine["AnsweredBy"] == "machine_start"


async def test_a_person_is_told_from_a_machine_before_the_first_word(street: Street) -> None:
    await street.call(MachineDetection="Enable")
    await street.walk(120)
    assert street.listener.at("/voice")[0]["AnsweredBy"] == "human"


async def test_a_telephone_has_one_line(street: Street) -> None:
    await habit(street, does="ignore")
    await street.call()
    await street.walk(5)
    second = await street.call()
    await street.walk(10)
    shown = await street.ask("GET", f"{ROOT}/Calls/{second.content['sid']}.json")
    assert shown.content["status"] == "busy"
    assert (await street.phone())["ringing"] is not None


async def test_keys_pressed_too_late_are_lost(street: Street) -> None:
    await habit(street, does="answer", after_s=1, keys="1", key_after_s=LISTENING_S + 6.2)
    await street.call()
    await street.walk(120)
    assert [params["Digits"] for params in street.listener.at("/key")] == [""]


async def test_several_keys_end_with_the_hash_sign(street: Street) -> None:
    street.listener.answers["/voice"] = '<Response><Gather action="/key"><Say>x</Say></Gather></Response>'
    await habit(street, does="answer", after_s=1, keys="12#3", key_after_s=1)
    await street.call()
    await street.walk(120)
    (pressed,) = street.listener.at("/key")
    assert (pressed["Digits"], pressed["FinishedOnKey"]) == ("12", "#")


async def test_inline_twiml_redirects_and_pauses(street: Street) -> None:
    more = f"{street.listener.base}/more"
    twiml = f"<Response><Pause length='3'/><Redirect method='GET'>{more}</Redirect></Response>"
    street.listener.answers["/more"] = "<Response><Say>好</Say></Response>"
    await street.call(Url="", Twiml=twiml)
    await street.walk(120)
    assert (await street.only_call())["heard"] == ["好"]
    fetched = next(heard for heard in street.listener.heard if heard.path == "/more")
    assert fetched.signed
    assert fetched.params["CallStatus"] == "in-progress"


@pytest.mark.parametrize(
    ("document", "status", "code"),
    [
        ("<Response><Gather", 200, 12100),
        ('<!DOCTYPE x [<!ENTITY y "z">]><Response><Say>&y;</Say></Response>', 200, 12100),
        ("<html/>", 200, 12100),
        (QUESTION, 500, 11200),
        (QUESTION, 204, 12300),
    ],
)
async def test_a_web_hook_that_fails_is_heard_as_an_error(
    street: Street, document: str, status: int, code: int
) -> None:
    street.listener.answers["/voice"], street.listener.statuses["/voice"] = document, status
    await street.call()
    await street.walk(120)
    call = await street.only_call()
    assert (call["status"], call["heard"]) == ("completed", ["An application error has occurred. Goodbye."])
    notes = (await street.town("GET", "/statistics"))["notes"]
    assert code in [note["code"] for note in notes]


async def test_the_fallback_is_asked_when_the_web_hook_fails(street: Street) -> None:
    street.listener.statuses["/voice"] = 503
    await street.call(FallbackUrl=f"{street.listener.base}/key")
    await street.walk(120)
    assert (await street.only_call())["heard"] == ["已记录"]


async def test_endless_redirects_end(street: Street) -> None:
    street.listener.answers["/voice"] = "<Response><Redirect>/voice</Redirect></Response>"
    await street.call()
    await street.walk(120)
    assert (await street.only_call())["status"] == "completed"
    assert len(street.listener.at("/voice")) == 200


async def test_a_call_is_canceled_while_it_rings_and_ended_while_it_talks(street: Street) -> None:
    await habit(street, does="ignore")
    ringing = await street.call()
    await street.walk(5)
    stopped = await street.ask("POST", f"{ROOT}/Calls/{ringing.content['sid']}.json", {"Status": "canceled"})
    assert stopped.content["status"] == "canceled"
    await habit(street, does="listen", after_s=1)
    talking = await street.call()
    await street.walk(5)
    path = f"{ROOT}/Calls/{talking.content['sid']}.json"
    assert (await street.ask("POST", path, {"Status": "completed"})).content["status"] == "completed"
    assert (await street.ask("POST", path, {"Status": "completed"})).content["code"] == 21220
    await street.walk(120)
    assert street.listener.statuses_at("/call-status")[2:3] == ["canceled"]
    assert street.simulator.next_event_at() is None


async def test_a_talking_call_is_given_something_else_to_hear(street: Street) -> None:
    await habit(street, does="listen", after_s=1)
    made = await street.call()
    await street.walk(5)
    path = f"{ROOT}/Calls/{made.content['sid']}.json"
    await street.ask("POST", path, {"Twiml": "<Response><Say>警报解除</Say></Response>"})
    await street.walk(60)
    assert (await street.only_call())["heard"][-1] == "警报解除"


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"Url": ""}, 21205),
        ({"Url": "http://example.com/x"}, 21205),
        ({"Url": "http://127.0.0.1.example.com/"}, 21205),
        ({"Url": "", "Twiml": "x" * 4001}, 20001),
        ({"From": "+8610099999999"}, 21210),
        ({"Timeout": "601"}, 20001),
        ({"StatusCallbackEvent": ["rung"]}, 20001),
    ],
)
async def test_what_is_refused(street: Street, fields: dict[str, Any], code: int) -> None:
    answer = await street.call(**fields)
    assert (answer.status, answer.content["code"]) == (400, code)


async def test_redirects_leave_this_machine_never(street: Street) -> None:
    street.listener.answers["/voice"] = "<Response><Redirect>http://192.0.2.1/x</Redirect></Response>"
    await street.call()
    await street.walk(120)
    notes = (await street.town("GET", "/statistics"))["notes"]
    assert any("only addresses on this machine" in note["text"] for note in notes)


async def test_somebody_rings_us(street: Street) -> None:
    call = await street.town("POST", f"/phones/{PHONE}/ring-us", {"keys": "1", "key_after_s": 4})
    await street.walk(60)
    seen = await street.only_call()
    assert (seen["direction"], seen["status"], seen["keys"]) == ("inbound", "completed", "1")
    asked = street.listener.at("/voice")[0]
    assert (asked["From"], asked["To"], asked["Direction"]) == (PHONE, OURS, "inbound")
    assert (asked["CallStatus"], asked["CallSid"]) == ("ringing", call["sid"])
    assert street.listener.at("/key")[0]["Digits"] == "1"


async def test_somebody_rings_us_and_is_rejected(street: Street) -> None:
    street.listener.answers["/voice"] = "<Response><Reject reason='busy'/></Response>"
    await street.town("POST", f"/phones/{PHONE}/ring-us")
    await street.walk(60)
    assert (await street.only_call())["status"] == "busy"
