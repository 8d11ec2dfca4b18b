"""CAP as JSON: the WMO's mirror and MeteoAlarm."""

from typing import Any

import pytest

from jiaoying.warnings.model import Circle, Reference, Verdict
from unit.warnings.samples import COUNTY, NOW, SENDER, feed, only

IDENTIFIER = "14052141600000_20260715163000"
INFO: dict[str, Any] = {
    "language": "en-US",
    "category": "Met",
    "event": "gale",
    "urgency": "Unknown",
    "severity": "Minor",
    "certainty": "Unknown",
    "effective": "2026-07-15T16:30:00+08:00",
    "expires": "2026-07-16T16:30:00+08:00",
    "senderName": "x",
    "headline": "Qinshui County issued a blue gale warning",
    "description": "Strong wind.",
    "area": {
        "areaDesc": "Qinshui County",
        "geocode": {"valueName": "CPEAS Geographic Code", "value": COUNTY},
    },
}
ALERT: dict[str, Any] = {
    "identifier": IDENTIFIER,
    "sender": SENDER,
    "sent": "2026-07-15T16:30:00+08:00",
    "status": "Actual",
    "msgType": "Alert",
    "scope": "Public",
    "info": INFO,
    "Signature": None,
}


def test_the_mirror_writes_one_as_an_object_and_several_as_a_list() -> None:
    message, codes = only(ALERT)
    assert (message.identifier, message.sender, message.sent, message.scope) == (
        IDENTIFIER,
        SENDER,
        NOW,
        "Public",
    )
    assert message.infos[0].areas[0].geocodes == (("CPEAS Geographic Code", COUNTY),)
    assert codes == []
    [parsed] = feed(ALERT)
    assert (parsed.format, parsed.verdict) == ("cap-json", Verdict.ACCEPT)
    assert parsed.issued_warnings[0].area_codes == (COUNTY,)
    several = {
        **ALERT,
        "info": [INFO, {**INFO, "language": "zh-CN", "event": "大风", "area": [INFO["area"]] * 2}],
    }
    message, _ = only([several])
    assert [len(info.areas) for info in message.infos] == [1, 2]


def test_shapes_references_and_lists_are_read() -> None:
    area = {
        "areaDesc": "x",
        "polygon": ["35.1,112.1 35.1,112.2 35.2,112.2", "9"],
        "circle": "35.6,112.1 5",
        "altitude": "100",
    }
    alert = {
        **ALERT,
        "msgType": "update",
        "references": f"{SENDER},a,2026-07-15T15:30:00+08:00 {SENDER},b,soon",
        "incidents": 'one "two three"',
        "code": ["c"],
        "info": {**INFO, "category": ["Met", "Odd"], "responseType": "Prepare", "area": area,
                 "eventCode": {"valueName": "GB", "value": "11B06"}, "parameter": [{"valueName": "p"}]},
    }  # fmt: skip
    message, codes = only(alert)
    assert (message.msg_type, message.incidents, message.code) == ("Update", ("one", "two three"), ("c",))
    assert [reference.identifier for reference in message.references] == ["a", "b"]
    [info] = message.infos
    assert (info.category, info.response_type) == (("Met",), ("Prepare",))
    assert (info.event_code, info.parameter) == ((("GB", "11B06"),), (("p", ""),))
    [place] = info.areas
    assert (len(place.polygons), place.circles, place.altitude) == (1, (Circle(35.6, 112.1, 5.0),), 100.0)
    assert {"unclosed-polygon", "unreadable-polygon", "unreadable-reference", "unknown-value"} <= set(codes)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("identifier", ""),
        ("sender", None),
        ("sent", "2026-07-15T16:30:00"),
        ("status", "Odd"),
        ("msgType", None),
    ],
)
def test_what_cap_demands_is_demanded(name: str, value: object) -> None:
    [parsed] = feed({**ALERT, "identifier": "urn:x", name: value})
    assert parsed.verdict is Verdict.REJECT
    assert name in [complaint.field for complaint in parsed.complaints]


def test_an_identifier_of_the_platform_tells_unit_and_time() -> None:
    message, codes = only({**ALERT, "sender": None, "sent": "2026-07-15T16:30:00"})
    assert (message.sender, message.sent) == ("14052141600000", NOW)
    assert {"missing", "no-zone", "sent-from-identifier"} == set(codes)


def test_a_missing_scope_is_taken_for_public_and_told() -> None:
    message, codes = only({**ALERT, "scope": None})
    assert message.scope is None
    assert "missing" in codes


# --- MeteoAlarm ---

WARNING: dict[str, Any] = {
    "alert": {
        **ALERT,
        "incidents": "Alert",
        "info": [{**INFO, "parameter": [{"valueName": "awareness_level", "value": "3; orange; Severe"}]}],
    },
    "uuid": "7e9b6a3c-0000-4000-8000-000000000000",
}


@pytest.mark.parametrize("value", [WARNING, {"warnings": [WARNING]}])
def test_one_warning_and_many_are_read(value: object) -> None:
    message, codes = only(value)
    assert (message.msg_type, message.incidents) == ("Alert", ("Alert",))
    assert codes[0] == "type-in-incidents"
    [parsed] = feed(value)
    assert (parsed.format, parsed.issued_warnings[0].colour) == ("meteoalarm-json", "orange")


def test_the_type_that_stands_in_incidents_only_counts() -> None:
    alert = {
        **WARNING["alert"],
        "msgType": None,
        "incidents": "Update",
        "references": "a,b,2026-07-15T15:30:00+08:00",
    }
    message, _ = only({"alert": alert})
    assert message.msg_type == "Update"
    assert message.references[0] == Reference("a", "b", message.references[0].sent)


def test_no_warning_is_accepted_and_a_bad_one_refused() -> None:
    [parsed] = feed({"warnings": []})
    assert (parsed.format, parsed.verdict, parsed.message) == ("meteoalarm-json", Verdict.ACCEPT, None)
    parsed = feed({"warnings": [WARNING, {"uuid": "x"}, WARNING]})
    assert [one.verdict is Verdict.REJECT for one in parsed] == [False, True, False]
