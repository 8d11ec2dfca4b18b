"""What the CAP reader forgives, and what it refuses."""

from datetime import UTC, datetime, timedelta

import pytest

from jiaoying.kernel.language import speaking
from jiaoying.warnings.formats import cap
from jiaoying.warnings.formats.notes import MOST_REMARKS
from jiaoying.warnings.model import ParsedMessage, Reference, Verdict
from jiaoying.warnings.read import read_as_sent
from unit.warnings.samples import NAMESPACE, NOW, SENDER, alert, area, codes, geocode, info, message_in, pair

SENT = datetime(2026, 7, 15, 8, 30, tzinfo=UTC)
SQUARE = "35.1,112.1 35.1,112.2 35.2,112.2 35.2,112.1 35.1,112.1"


def parsed(body: bytes) -> ParsedMessage:
    [one] = read_as_sent(body, NOW)
    return one


def tolerated(body: bytes, code: str, field: str) -> ParsedMessage:
    """The message, accepted with exactly this complaint."""
    one = parsed(body)
    assert one.verdict is Verdict.ACCEPT_WITH_WARNINGS
    assert codes(one) == [(code, field)]
    assert one.message is not None
    return one


def rejected(body: bytes, code: str, field: str) -> ParsedMessage:
    """The message, refused for exactly this reason."""
    one = parsed(body)
    assert one.verdict is Verdict.REJECT
    assert codes(one) == [(code, field)]
    assert one.message is None
    return one


# --- a message that is right ---


def test_a_right_message_is_accepted_without_a_word() -> None:
    one = parsed(alert())
    assert (one.format, one.verdict, one.complaints) == ("cap-1.2", Verdict.ACCEPT, ())


def test_every_element_is_read() -> None:
    body = alert(
        info(
            area(
                f"<polygon>{SQUARE}</polygon><circle>35.6,112.1 5</circle>",
                geocode("140521000000"),
                "<altitude>100</altitude><ceiling>200.5</ceiling>",
            ),
            audience="全县",
            onset="2026-07-15T17:00:00+08:00",
            instruction="转移",
            web="https://example.org",
            contact="值班室",
            responseType="Evacuate",
            extra=pair("parameter", "p", "1") + pair("eventCode", "e", "11B03"),
        ),
        source="平台",
        scope="Restricted",
        restriction="责任人",
        addresses='one "two three"',
        code="profile",
        note="记",
        references="a,1,2026-07-15T16:00:00+08:00",
        incidents="x y",
    )
    message = message_in(body)
    [block] = message.infos
    [place] = block.areas
    assert (message.source, message.restriction, message.note) == ("平台", "责任人", "记")
    assert (message.addresses, message.code, message.incidents) == (
        ("one", "two three"),
        ("profile",),
        ("x", "y"),
    )
    assert message.references == (Reference("a", "1", SENT - timedelta(minutes=30)),)
    assert (block.audience, block.instruction, block.web, block.contact) == (
        "全县",
        "转移",
        "https://example.org",
        "值班室",
    )
    assert (block.onset, block.response_type) == (SENT + timedelta(minutes=30), ("Evacuate",))
    assert (block.parameter, block.event_code) == ((("p", "1"),), (("e", "11B03"),))
    assert (place.altitude, place.ceiling) == (100.0, 200.5)
    assert len(place.polygons[0]) == 5
    assert place.circles[0].radius_km == 5
    assert place.geocodes == (("CPEAS Geographic Code", "140521000000"),)


def test_all_infos_and_areas_are_read() -> None:
    english = info(area(geocode("1")), area(geocode("2")), language="en-US")
    message = message_in(alert(english, info()))
    assert [block.language for block in message.infos] == ["en-US", "zh-CN"]
    assert len(message.infos[0].areas) == 2


def test_values_lose_their_outer_blanks() -> None:
    message = message_in(alert(info(headline="\n  暴雨  \n"), sender=f"\n{SENDER}\t"))
    assert message.sender == SENDER
    assert message.infos[0].headline == "暴雨"


def test_a_prefix_for_the_namespace_changes_nothing() -> None:
    plain = alert().decode().replace(f' xmlns="{NAMESPACE}"', "")
    prefixed = plain.replace("</", "\0").replace("<", "<c:").replace("\0", "</c:")
    body = prefixed.replace("<c:alert>", f'<c:alert xmlns:c="{NAMESPACE}">').encode()
    assert message_in(body) == message_in(alert())


def test_language_is_english_where_it_is_absent_or_empty() -> None:
    """3.2.2."""
    assert message_in(alert(info(language=None))).infos[0].language == "en-US"
    assert message_in(alert(info(language=" "))).infos[0].language == "en-US"


# --- tolerated ---


def test_elements_in_any_order() -> None:
    body = (
        alert().replace(b"<status>Actual</status>", b"").replace(b"<info>", b"<status>Actual</status><info>")
    )
    assert tolerated(body, "element-order", "alert").message == message_in(alert())
    tolerated(
        alert(info(area(geocode("1"), f"<polygon>{SQUARE}</polygon>"))), "element-order", "info[1]/area[1]"
    )


def test_unknown_and_foreign_elements_are_passed_over() -> None:
    tolerated(alert(extra="<event>x</event>"), "unknown-element", "event")
    tolerated(alert(extra='<mine xmlns="urn:mine"><info/></mine>'), "unknown-element", "mine")
    tolerated(alert(info(extra='<event xmlns="urn:mine">x</event>')), "unknown-element", "info[1]/event")


def test_attributes_are_passed_over() -> None:
    body = alert().replace(b"<info>", b'<info lang="zh">')
    tolerated(body, "unknown-attribute", "info[1]/@lang")


def test_the_location_of_a_schema_is_no_oddity() -> None:
    schema = b'<alert xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="a b" '
    assert parsed(alert().replace(b"<alert ", schema)).verdict is Verdict.ACCEPT


def test_children_without_namespace_are_read() -> None:
    body = alert().replace(b"<scope>Public</scope>", b'<scope xmlns="">Public</scope>')
    tolerated(body, "other-namespace", "scope")


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ("2026-07-15T08:30:00Z", "zone-z"),
        ("2026-07-15T16:30+08:00", "no-seconds"),
        ("2026-07-15T16:30:00.5+08:00", "fraction"),
        ("2026-07-15T16:30:00+0800", "zone-form"),
        ("2026-07-15 16:30:00+08:00", "time-form"),
    ],
)
def test_moments_in_other_forms(sent: str, code: str) -> None:
    one = tolerated(alert(sent=sent), code, "sent")
    assert one.message is not None
    assert one.message.sent == SENT


def test_utc_is_written_minus_zero() -> None:
    """3.3.2."""
    assert parsed(alert(sent="2026-07-15T08:30:00-00:00")).verdict is Verdict.ACCEPT


def test_other_moments_borrow_the_zone_of_sent() -> None:
    one = tolerated(alert(info(expires="2026-07-15T22:30:00")), "no-zone", "info[1]/expires")
    assert one.message is not None
    assert one.message.infos[0].expires == SENT + timedelta(hours=6)


def test_an_unreadable_moment_is_absent() -> None:
    tolerated(alert(info(effective="soon")), "unreadable-time", "info[1]/effective")


@pytest.mark.parametrize(
    ("name", "value", "right"),
    [("status", "ACTUAL", "Actual"), ("msgType", "alert", "Alert"), ("scope", "PUBLIC", "Public")],
)
def test_enumerations_in_the_wrong_case(name: str, value: str, right: str) -> None:
    one = tolerated(alert(**{name: value}), "wrong-case", name)
    assert one.message == message_in(alert(**{name: right}))


def test_enumerations_of_an_info_in_the_wrong_case() -> None:
    one = tolerated(alert(info(severity="moderate")), "wrong-case", "info[1]/severity")
    assert one.message is not None
    assert one.message.infos[0].severity == "Moderate"


def test_very_likely_is_likely() -> None:
    """3.2.2 certainty: to be read as Likely."""
    one = tolerated(alert(info(certainty="Very Likely")), "very-likely", "info[1]/certainty")
    assert one.message is not None
    assert one.message.infos[0].certainty == "Likely"


@pytest.mark.parametrize("name", ["urgency", "severity", "certainty"])
def test_a_missing_level_is_unknown_and_never_the_least(name: str) -> None:
    one = tolerated(alert(info(**{name: None})), "missing", f"info[1]/{name}")
    assert one.message is not None
    assert getattr(one.message.infos[0], name) == "Unknown"


def test_an_unheard_level_is_unknown() -> None:
    one = tolerated(alert(info(severity="Terrible")), "unknown-value", "info[1]/severity")
    assert one.message is not None
    assert one.message.infos[0].severity == "Unknown"


@pytest.mark.parametrize("name", ["category", "event"])
def test_other_missing_parts_of_an_info(name: str) -> None:
    tolerated(alert(info(**{name: None})), "missing", f"info[1]/{name}")


def test_an_unheard_category_is_left_out() -> None:
    one = tolerated(alert(info(category="Meteorological")), "unknown-value", "info[1]/category[1]")
    assert one.message is not None
    assert one.message.infos[0].category == ()


@pytest.mark.parametrize("name", ["incidents", "references", "addresses", "code"])
def test_empty_elements_are_absent(name: str) -> None:
    one = parsed(alert(**{name: ""}))
    assert one.verdict is Verdict.ACCEPT_WITH_WARNINGS
    assert "empty" in dict(codes(one))
    assert one.message is not None
    assert one.message.incidents == one.message.references == one.message.addresses == one.message.code == ()


def test_an_empty_note_is_no_oddity() -> None:
    """Every message of the Chinese feed has one."""
    one = parsed(alert(note=""))
    assert one.verdict is Verdict.ACCEPT
    assert one.message is not None
    assert one.message.note is None


def test_an_empty_value_is_kept_as_empty() -> None:
    one = tolerated(alert(info(extra=pair("parameter", "SAME", ""))), "empty", "info[1]/parameter[1]/value")
    assert one.message is not None
    assert one.message.infos[0].parameter == (("SAME", ""),)


def test_a_repeated_element_counts_once() -> None:
    body = alert(info(extra="<instruction>one</instruction><instruction>two</instruction>"))
    one = tolerated(body, "repeated", "info[1]/instruction")
    assert one.message is not None
    assert one.message.infos[0].instruction == "one"


@pytest.mark.parametrize(
    ("polygon", "code"),
    [
        ("", "empty-polygon"),
        ("1 2 3", "unreadable-polygon"),
        ("1,1 1,1", "too-few-points"),
        ("99,112 35,112 35,113", "out-of-range"),
        (SQUARE.rpartition(" ")[0], "unclosed-polygon"),
        (SQUARE.replace(" ", "\n"), "polygon-separators"),
    ],
)
def test_bad_polygons_never_cost_the_message(polygon: str, code: str) -> None:
    body = alert(info(area(f"<polygon>{polygon}</polygon>", geocode("140521000000"))))
    tolerated(body, code, "info[1]/area[1]/polygon[1]")


def test_bad_circles_never_cost_the_message() -> None:
    tolerated(alert(info(area("<circle>here</circle>"))), "unreadable-circle", "info[1]/area[1]/circle[1]")


def test_points_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cap, "MAX_POINTS", 8)
    body = alert(info(area(f"<polygon>{SQUARE}</polygon><polygon>{SQUARE}</polygon>")))
    one = tolerated(body, "too-many-points", "info[1]/area[1]/polygon[2]")
    assert one.message is not None
    assert len(one.message.infos[0].areas[0].polygons) == 1


def test_an_unreadable_altitude_is_absent() -> None:
    body = alert(info(area(geocode("1"), "<altitude>high</altitude>")))
    tolerated(body, "unreadable-number", "info[1]/area[1]/altitude")


def test_a_missing_end_is_said() -> None:
    tolerated(alert(info(expires=None)), "no-expires", "info[1]/expires")


def test_an_end_before_the_beginning_is_said() -> None:
    tolerated(alert(info(expires="2026-07-05T22:30:00+08:00")), "expires-before-sent", "info[1]/expires")


def test_an_expiry_before_the_onset_is_normal() -> None:
    """`expires` is the end of the message: a fifth of the warnings of the USA have it before the onset."""
    assert parsed(alert(info(onset="2026-07-16T08:00:00+08:00"))).verdict is Verdict.ACCEPT


def test_an_info_without_area_is_said() -> None:
    body = alert(info("<!-- none -->"))
    tolerated(body, "no-area", "info[1]/area")


def test_an_area_without_description_is_said() -> None:
    body = alert(info(area(geocode("140521000000"), description=None)))
    tolerated(body, "missing", "info[1]/area[1]/areaDesc")


def test_signatures_are_said_to_be_unverified() -> None:
    """3.3.4: a message is not rejected because its signature cannot be verified, and that is said."""
    signature = '<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"><SignedInfo/></Signature>'
    one = parsed(alert(extra=signature + signature))
    assert one.verdict is Verdict.ACCEPT_WITH_WARNINGS
    assert codes(one) == [("signature-not-verified", "Signature")] * 2


@pytest.mark.parametrize("kind", ["Update", "Cancel", "Ack", "Error"])
def test_answers_without_references_are_filed(kind: str) -> None:
    tolerated(alert(msgType=kind), "missing", "references")


def test_a_message_that_refers_to_itself_is_said() -> None:
    own = message_in(alert())
    reference = f"{own.sender},{own.identifier},2026-07-15T16:30:00+08:00"
    tolerated(alert(references=reference), "self-reference", "references")


def test_scope_and_its_companions() -> None:
    """3.2.1."""
    tolerated(alert(scope="Restricted"), "missing", "restriction")
    tolerated(alert(scope="Private"), "missing", "addresses")


def test_forbidden_characters_in_a_key_are_kept() -> None:
    one = tolerated(alert(sender="a b"), "forbidden-character", "sender")
    assert one.message is not None
    assert one.message.sender == "a b"


def test_an_alert_without_info_is_said() -> None:
    tolerated(alert("<!-- no info -->"), "missing", "info")


def test_noise_before_the_declaration() -> None:
    body = b'\n<?xml version="1.0" encoding="UTF-8"?>' + alert()
    tolerated(body, "leading-blanks", "document")
    tolerated(b"\xef\xbb\xbf" + alert(), "byte-order-mark", "document")


def test_complaints_are_bounded() -> None:
    one = parsed(alert(extra="<odd/>" * 1000))
    assert len(one.complaints) == MOST_REMARKS + 1
    assert one.complaints[-1].code == "more-complaints"


# --- rejected ---


@pytest.mark.parametrize("name", ["identifier", "sender", "sent", "status", "msgType", "scope"])
def test_what_every_message_must_have(name: str) -> None:
    """3.2.1."""
    rejected(alert(**{name: None}), "missing", name)
    assert parsed(alert(**{name: "  "})).verdict is Verdict.REJECT


@pytest.mark.parametrize("name", ["status", "msgType", "scope"])
def test_what_must_be_in_its_enumeration(name: str) -> None:
    rejected(alert(**{name: "Bogus"}), "unknown-value", name)


def test_every_reason_of_a_rejection_is_told() -> None:
    one = parsed(alert(status=None, msgType="x", sent="soon"))
    assert codes(one) == [("unreadable-time", "sent"), ("missing", "status"), ("unknown-value", "msgType")]


def test_sent_without_zone() -> None:
    rejected(alert(sent="2026-07-15T16:30:00"), "no-zone", "sent")


def test_sent_that_is_no_moment() -> None:
    rejected(alert(sent="15 July"), "unreadable-time", "sent")


def test_sent_more_than_a_day_ahead() -> None:
    """The Buddhist year 2569 is 2026; taken literally the warning would never end."""
    rejected(alert(sent="2569-07-15T16:30:00+07:00"), "sent-in-future", "sent")
    assert parsed(alert(sent="2026-07-16T16:30:00+08:00")).message is not None
    rejected(alert(sent="2026-07-16T16:30:01+08:00"), "sent-in-future", "sent")


def test_keys_are_bounded() -> None:
    """They are keys of an index, which has a limit of its own."""
    assert parsed(alert(identifier="x" * 250)).verdict is Verdict.ACCEPT
    rejected(alert(identifier="x" * 251), "too-long", "identifier")


@pytest.mark.parametrize(
    ("namespace", "code", "form"),
    [
        ("", "no-namespace", "unknown"),
        ("urn:oasis:names:tc:emergency:alerts:1.1", "unknown-namespace", "unknown"),
        ("urn:oasis:names:tc:emergency:cap:1.3", "unknown-namespace", "unknown"),
    ],
)
def test_namespaces(namespace: str, code: str, form: str) -> None:
    assert rejected(alert(namespace=namespace), code, "alert").format == form


def test_another_root() -> None:
    rejected(f'<feed xmlns="{NAMESPACE}"/>'.encode(), "not-an-alert", "document")


def test_a_hostile_document() -> None:
    rejected(b'<!DOCTYPE alert [<!ENTITY x SYSTEM "file:///etc/hostname">]>' + alert(), "doctype", "document")


def test_a_rejected_message_is_still_known_by_its_key() -> None:
    one = parsed(alert(status="Bogus"))
    assert one.extras == {"identifier": "14052141600000_20260715163000", "sender": SENDER}


def test_complaints_are_told_in_the_readers_language() -> None:
    with speaking("zh-CN"):
        assert "缺少" in parsed(alert(status=None)).complaints[0].text
    with speaking("en"):
        assert "missing" in parsed(alert(status=None)).complaints[0].text
