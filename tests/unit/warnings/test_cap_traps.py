"""What real senders of CAP do to a reader: one test for each lie, with documents of our own.

The versions, what is refused, and the traps that concern reading; what a message then means is tested
elsewhere.
"""

import codecs
from datetime import UTC, datetime, timedelta
from xml.sax.saxutils import escape

import pytest

from jiaoying.warnings.formats.cap_block import MAX_CODED_CHARACTERS
from jiaoying.warnings.model import Circle, ParsedMessage, Reference, Verdict
from jiaoying.warnings.read import read_as_sent
from unit.warnings.samples import (
    COUNTY,
    IDENTIFIER,
    NAMESPACE,
    NOW,
    SENDER,
    alert,
    area,
    codes,
    geocode,
    info,
    message_in,
    pair,
)

CAP_1_0 = "http://www.incident.com/cap/1.0"
CAP_1_1 = "urn:oasis:names:tc:emergency:cap:1.1"
SENT = datetime(2026, 7, 15, 8, 30, tzinfo=UTC)
SQUARE = "35.1,112.1 35.1,112.2 35.2,112.2 35.2,112.1 35.1,112.1"


def parsed(body: bytes) -> ParsedMessage:
    [one] = read_as_sent(body, NOW)
    return one


def in_1_0(*infos: str, **changes: str | None) -> bytes:
    return alert(*infos, namespace=CAP_1_0, **changes)


def plain_info(*parts: str, **changes: str | None) -> str:
    """An info of CAP 1.0, with codes as text."""
    return info(area("<geocode>code=140521</geocode>", *parts), **changes)


# --- CAP 1.1 ---


def test_cap_1_1_is_read_as_1_2_is() -> None:
    one = parsed(alert(namespace=CAP_1_1))
    assert (one.format, one.verdict) == ("cap-1.1", Verdict.ACCEPT)
    assert one.message == message_in(alert())


def test_cap_1_1_may_write_its_moments_as_any_xml_does() -> None:
    """1.1, 3.3.2: dates are `xs:dateTime`; only 1.2 forbids Z."""
    zulu = info(expires="2026-07-15T14:30:00.000Z")
    one = parsed(alert(zulu, namespace=CAP_1_1, sent="2026-07-15T08:30:00Z"))
    assert one.verdict is Verdict.ACCEPT
    assert one.message == message_in(alert())
    assert parsed(alert(sent="2026-07-15T08:30:00Z")).verdict is Verdict.ACCEPT_WITH_WARNINGS


def test_a_signed_message_of_1_1_is_read() -> None:
    """Its schema has no room for a signature (1.2 has): each signed 1.1 message breaks it."""
    signature = '<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"><X Id="a b"/></Signature>'
    one = parsed(alert(namespace=CAP_1_1, extra=signature))
    assert codes(one) == [("signature-not-verified", "Signature")]
    assert one.message is not None


# --- CAP 1.0 ---


def test_codes_of_1_0_are_text() -> None:
    block = info(
        area("<geocode>fips6=006109</geocode>", "<geocode>140521</geocode>"),
        extra="<eventCode>same=SVR</eventCode><parameter>EventID=1=2</parameter>",
    )
    one = parsed(in_1_0(block))
    assert one.format == "cap-1.0"
    assert one.message is not None
    [told] = one.message.infos
    assert told.event_code == (("same", "SVR"),)
    assert told.parameter == (("EventID", "1=2"),)
    assert told.areas[0].geocodes == (("fips6", "006109"), ("", "140521"))


def test_codes_of_1_0_with_elements_are_read_too() -> None:
    one = parsed(in_1_0(info(area(geocode(COUNTY)))))
    assert one.message is not None
    assert one.message.infos[0].areas[0].geocodes == (("CPEAS Geographic Code", COUNTY),)


def test_a_password_is_passed_over_in_1_0_and_odd_in_1_2() -> None:
    password = "<password>sesame</password>"
    body = in_1_0(plain_info()).replace(b"<scope>", f"{password}<scope>".encode())
    assert parsed(body).verdict is Verdict.ACCEPT
    assert b"sesame" not in repr(parsed(body)).encode()
    assert codes(parsed(alert(extra=password))) == [("unknown-element", "password")]


def test_very_likely_is_likely_in_1_0() -> None:
    one = parsed(in_1_0(plain_info(certainty="Very Likely")))
    assert codes(one) == [("very-likely", "info[1]/certainty")]
    assert one.message is not None
    assert one.message.infos[0].certainty == "Likely"


def test_scope_and_category_may_be_missing_in_1_0() -> None:
    """Its schema has minOccurs="0" for both."""
    one = parsed(in_1_0(plain_info(category=None), scope=None))
    assert codes(one) == [("missing", "scope")]
    assert one.message is not None
    assert (one.message.scope, one.message.infos[0].category) == (None, ())
    assert parsed(alert(namespace=CAP_1_1, scope=None)).verdict is Verdict.REJECT


def test_references_of_1_0_name_identifier_and_sender() -> None:
    one = parsed(in_1_0(plain_info(), msgType="Update", references="urn:x/1/a@example.org b/c"))
    assert one.message is not None
    assert one.message.references == (
        Reference("a@example.org", "urn:x/1", None),
        Reference("c", "b", None),
    )
    triple = "a,1,2026-07-15T08:30:00-00:00"
    again = parsed(in_1_0(plain_info(), msgType="Update", references=triple)).message
    assert again is not None
    assert again.references == (Reference("a", "1", SENT),)


def test_codes_as_text_in_a_later_version_are_forgiven() -> None:
    one = parsed(alert(info(area("<geocode>code=140521</geocode>", "<geocode/>"))))
    assert codes(one) == [
        ("code-as-text", "info[1]/area[1]/geocode[1]"),
        ("empty", "info[1]/area[1]/geocode[2]"),
    ]
    assert one.message is not None
    assert one.message.infos[0].areas[0].geocodes == (("code", "140521"), ("", ""))


def test_a_code_that_is_too_long_is_cut_and_said() -> None:
    one = parsed(in_1_0(info(area(f"<geocode>a={'x' * MAX_CODED_CHARACTERS}</geocode>"))))
    assert codes(one) == [("too-long", "info[1]/area[1]/geocode[1]")]


# --- what is refused, beyond what test_cap.py has ---


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (alert()[:-3], "not-well-formed"),
        (alert().replace(b"<alert xmlns=", b"<cap:alert xmlns:x="), "not-well-formed"),
        (b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + alert(note="&x;"), "doctype"),
        (b'<!DOCTYPE html><html/>', "doctype"),
        (alert(note="&nbsp;"), "not-well-formed"),
        (b"<html><body>503</body></html>", "not-an-alert"),
        (alert(namespace="urn:oasis:names:tc:emergency:alerts:1.2"), "unknown-namespace"),
        (alert(namespace=""), "no-namespace"),
        (alert(note="x" * 21_000_000), "too-large"),
    ],
    ids=["cut", "prefix", "entity", "html-doctype", "html-entity", "html", "namespace", "bare", "large"],
)  # fmt: skip
def test_what_is_no_message_is_refused_with_its_reason(body: bytes, code: str) -> None:
    one = parsed(body)
    assert one.verdict is Verdict.REJECT
    assert [complaint.code for complaint in one.complaints] == [code]
    assert one.message is None
    assert one.complaints[0].text


def test_bytes_that_break_the_declared_encoding_are_refused() -> None:
    """Windows bytes under a declaration of UTF-8, as one feed of Canada had them."""
    body = b'<?xml version="1.0" encoding="UTF-8"?>' + alert(note="caf\xe9").decode().encode(
        "latin-1", "replace"
    )
    assert codes(parsed(body))[0][0] == "not-well-formed"


# --- time ---


def test_utc_in_three_spellings_is_one_moment() -> None:
    for sent in ("2026-07-15T08:30:00-00:00", "2026-07-15T08:30:00+00:00", "2026-07-15T08:30:00Z"):
        assert message_in(alert(sent=sent)).sent == SENT


def test_a_buddhist_year_is_not_taken_literally() -> None:
    assert codes(parsed(alert(sent="2569-07-15T15:30:00+07:00"))) == [("sent-in-future", "sent")]


def test_a_message_that_expires_before_it_begins_is_read() -> None:
    """A third of the warnings of the USA: `expires` is the end of the message, not of the hazard."""
    block = info(
        onset="2026-07-16T08:00:00+08:00",
        expires="2026-07-15T22:30:00+08:00",
        extra=pair("parameter", "eventEndingTime", "2026-07-17T08:00:00+08:00"),
    )
    told = message_in(alert(block)).infos[0]
    assert told.onset is not None
    assert told.expires is not None
    assert told.expires < told.onset
    assert told.parameter == (("eventEndingTime", "2026-07-17T08:00:00+08:00"),)


def test_a_cancel_that_has_expired_is_read() -> None:
    references = f"{SENDER},x,2026-07-15T15:30:00+08:00"
    body = alert(info(expires="2026-07-15T16:30:00+08:00"), msgType="Cancel", references=references)
    one = parsed(body)
    assert codes(one) == [("expires-before-sent", "info[1]/expires")]
    assert one.message is not None
    assert one.message.references[0].identifier == "x"


# --- chain ---


def test_references_are_kept_as_they_are_told() -> None:
    """The third member lies (China gives the update's own `sent`), so that it is kept and not judged."""
    later = "2026-07-15T16:30:00+08:00"
    assert message_in(alert(msgType="Update", references=f"{SENDER},before,{later}")).references == (
        Reference(SENDER, "before", SENT),
    )


def test_many_references_and_blanks_inside_them() -> None:
    many = "\n\t".join(f"a@example.org,\n  id-{number},\n  2026-07-15T08:00:00-00:00" for number in range(21))
    message = message_in(alert(msgType="Update", references=many))
    assert [one.identifier for one in message.references] == [f"id-{number}" for number in range(21)]


def test_a_message_that_names_itself_is_read_and_said() -> None:
    body = alert(msgType="Update", references=f"{SENDER},{IDENTIFIER},2026-07-15T16:30:00+08:00")
    assert codes(parsed(body)) == [("self-reference", "references")]


def test_a_message_without_info_is_read() -> None:
    """An administrative Cancel, and the heartbeats of Canada with the last ten references."""
    beat = alert("<!-- -->", status="System", references="a,1,2026-07-15T08:00:00-00:00", msgType="Ack")
    message = message_in(beat)
    assert (message.status, message.infos, len(message.references)) == ("System", (), 1)


def test_infos_of_one_language_stay_apart() -> None:
    """Warning, advisory and watch in one message; or one part in force and one ended."""
    body = alert(
        info(severity="Severe", responseType="Shelter"),
        info(severity="Minor", responseType="AllClear", urgency="Past"),
        info(severity="Moderate", language="en-US"),
    )
    told = [(one.language, one.severity, one.response_type) for one in message_in(body).infos]
    assert told == [
        ("zh-CN", "Severe", ("Shelter",)),
        ("zh-CN", "Minor", ("AllClear",)),
        ("en-US", "Moderate", ()),
    ]


# --- area ---


def test_an_area_known_by_codes_only_is_an_area() -> None:
    [place] = message_in(alert(info(area(geocode("HLAT50"), geocode("140521", "adcode"))))).infos[0].areas
    assert (place.polygons, place.circles) == ((), ())
    assert place.geocodes == (("CPEAS Geographic Code", "HLAT50"), ("adcode", "140521"))


def test_an_alert_whose_geometry_is_unusable_is_still_an_alert() -> None:
    parts = (
        "<polygon>here</polygon>",
        "<polygon>95,200 96,201 97,202</polygon>",
        "<polygon>1,1 2,2</polygon>",
        "<circle>1,1</circle>",
        "<circle/>",
    )
    one = parsed(alert(info(area(*parts, geocode(COUNTY)))))
    place = "info[1]/area[1]"
    assert codes(one) == [
        ("unreadable-polygon", f"{place}/polygon[1]"),
        ("out-of-range", f"{place}/polygon[2]"),
        ("too-few-points", f"{place}/polygon[3]"),
        ("unreadable-circle", f"{place}/circle[1]"),
        ("empty-circle", f"{place}/circle[2]"),
    ]
    assert one.message is not None
    assert one.message.infos[0].areas[0].geocodes == (("CPEAS Geographic Code", COUNTY),)


def test_a_circle_of_radius_0_is_a_point() -> None:
    [place] = message_in(alert(info(area("<circle>35.6,112.1 0</circle>")))).infos[0].areas
    assert place.circles == (Circle(35.6, 112.1, 0),)


def test_three_points_are_a_triangle_and_two_are_nothing() -> None:
    triangle, line = "1,1 1,2 2,2", "1,1 1,2"
    one = parsed(alert(info(area(f"<polygon>{triangle}</polygon><polygon>{line}</polygon>"))))
    assert codes(one) == [
        ("unclosed-polygon", "info[1]/area[1]/polygon[1]"),
        ("too-few-points", "info[1]/area[1]/polygon[2]"),
    ]
    assert one.message is not None
    assert one.message.infos[0].areas[0].polygons == (((1, 1), (1, 2), (2, 2), (1, 1)),)


def test_an_open_polygon_of_many_lines_is_closed() -> None:
    points = SQUARE.rpartition(" ")[0].replace(" ", "\n\t  ")
    [place] = message_in(alert(info(area(f"<polygon>\n{points}\n</polygon>")))).infos[0].areas
    assert place.polygons == (((35.1, 112.1), (35.1, 112.2), (35.2, 112.2), (35.2, 112.1), (35.1, 112.1)),)


@pytest.mark.parametrize("name", ["EMMA_ID", "emma_id", "ISO 3166-2", "EXCLUDE_POLYGON"])
def test_names_of_codes_are_kept_as_written(name: str) -> None:
    assert message_in(alert(info(area(geocode("x", name))))).infos[0].areas[0].geocodes == ((name, "x"),)


def test_several_codes_in_one_geocode_are_all_read() -> None:
    """As the index of the USA has them. A code that is dropped is a place that is not warned."""
    several = pair("geocode", "FIPS6", "1 2").replace(
        "</geocode>", "<valueName>UGC</valueName><value>3</value></geocode>"
    )
    one = parsed(alert(info(area(several, geocode("4")))))
    assert one.message is not None
    assert one.message.infos[0].areas[0].geocodes == (
        ("FIPS6", "1 2"),
        ("UGC", "3"),
        ("CPEAS Geographic Code", "4"),
    )
    place = "info[1]/area[1]/geocode[1]"
    assert codes(one) == [("element-order", place), ("repeated", place)]


# --- content ---


def test_texts_are_taken_as_they_are() -> None:
    text = "<p>雨 &amp; 风</p>\n* **Markdown**\n\nسيل"
    for written in (escape(text), f"<![CDATA[{text}]]>"):
        assert message_in(alert(info(description=f"\n {written} \n"))).infos[0].description == text


def test_an_address_that_was_escaped_twice_is_kept_as_sent() -> None:
    """As GDACS writes its links."""
    assert message_in(alert(info(web="https://x/?a=1&amp;amp;b=2"))).infos[0].web == "https://x/?a=1&amp;b=2"


def test_texts_that_nobody_wrote_are_absent() -> None:
    body = alert(info(headline=None, description="", instruction="  ", senderName=None))
    one = parsed(body)
    assert one.verdict is Verdict.ACCEPT
    assert one.message is not None
    told = one.message.infos[0]
    assert (told.headline, told.description, told.instruction, told.sender_name) == (None,) * 4


def test_each_language_keeps_its_own_words_for_one_place() -> None:
    """Descriptions differ and codes do not: who joins languages joins them on codes."""
    english = info(area(geocode(COUNTY), description="Show area"), language="en-US")
    first, second = message_in(alert(english, info())).infos
    assert [one.areas[0].description for one in (first, second)] == ["Show area", "沁水县"]
    assert first.areas[0].geocodes == second.areas[0].geocodes


def test_comments_inside_a_text_do_not_cut_it() -> None:
    assert message_in(alert(info(headline="暴<!-- x -->雨<?y z?>红"))).infos[0].headline == "暴雨红"


@pytest.mark.parametrize("language", ["de-LS", "zh-mo", "en_US", "english", "es-419", "dv"])
def test_odd_languages_are_kept(language: str) -> None:
    assert message_in(alert(info(language=language))).infos[0].language == language


@pytest.mark.parametrize(
    ("encoding", "bom"),
    [("utf-8", codecs.BOM_UTF8), ("iso-8859-1", b""), ("gb18030", b""), ("big5", b""), ("utf-16", b"")],
)
def test_encodings_and_byte_order_marks(encoding: str, bom: bytes) -> None:
    words = "orage é" if encoding == "iso-8859-1" else "雷雨大風"
    declaration = f'<?xml version="1.0" encoding="{encoding}" standalone="yes"?>\n'
    english = info(headline=words, event="x", senderName="x", description="x")
    english = english.replace("沁水县", "Qinshui")
    body = bom + (declaration + alert(english).decode()).encode(encoding)
    assert message_in(body).infos[0].headline == words


def test_a_recording_in_base64_is_neither_read_nor_told() -> None:
    recording = "QUJD" * 400_000
    resource = (
        "<resource><resourceDesc>audio</resourceDesc><mimeType>audio/mpeg</mimeType>"
        f"<derefUri>{recording}</derefUri></resource>"
    )
    one = parsed(alert(info(extra=resource)))
    assert one.verdict is Verdict.ACCEPT
    assert "QUJD" not in repr(one)


def test_attributes_anywhere_are_said() -> None:
    body = alert(
        info(
            area(
                f'<polygon id="1">{SQUARE}</polygon>',
                '<geocode><valueName x="y">a</valueName><value>b</value></geocode>',
            )
        )
    )
    body = body.replace(b"<headline>", b'<headline xml:lang="zh">')
    assert codes(parsed(body)) == [
        ("unknown-attribute", "info[1]/headline/@{http://www.w3.org/XML/1998/namespace}lang"),
        ("unknown-attribute", "info[1]/area[1]/polygon[1]/@id"),
        ("unknown-attribute", "info[1]/area[1]/geocode[1]/valueName/@x"),
    ]  # fmt: skip


def test_elements_of_another_version_of_cap_inside_are_foreign() -> None:
    body = alert(extra=f'<note xmlns="{CAP_1_1}">x</note>')
    assert codes(parsed(body)) == [("unknown-element", "note")]


# --- keep-alives and tests are read; that they call nobody is decided later ---


def test_tests_and_exercises_are_read_with_their_status() -> None:
    for status in ("Test", "Exercise", "System", "Draft"):
        assert message_in(alert(status=status)).status == status


def test_sent_may_lie_one_day_ahead_and_no_more() -> None:
    edge = NOW + timedelta(days=1)
    assert parsed(alert(sent=edge.isoformat())).message is not None
    assert parsed(alert(sent=(edge + timedelta(seconds=1)).isoformat())).verdict is Verdict.REJECT


def test_the_namespace_may_be_declared_inside() -> None:
    body = alert().replace(
        f'<alert xmlns="{NAMESPACE}">'.encode(),
        f'<c:alert xmlns:c="{NAMESPACE}" xmlns="{NAMESPACE}">'.encode(),
    )
    assert message_in(body.replace(b"</alert>", b"</c:alert>")) == message_in(alert())  # fmt: skip
