"""Several messages in one file: feeds, envelopes, bundles, streams, archives; and indexes of links."""

import zipfile
from io import BytesIO
from time import process_time
from xml.sax.saxutils import escape

import pytest

from jiaoying.warnings import read as reading
from jiaoying.warnings.formats import containers
from jiaoying.warnings.formats.feed_index import IndexEntry, Link, index_entries
from jiaoying.warnings.formats.guarded_xml import Document, read_document
from jiaoying.warnings.model import ParsedMessage, Verdict
from jiaoying.warnings.read import read_as_sent, to_json
from unit.warnings.samples import NAMESPACE, NOW, alert, codes

CAP_1_1 = "urn:oasis:names:tc:emergency:cap:1.1"
ATOM = "http://www.w3.org/2005/Atom"
DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>'


def numbered(number: int, **changes: str | None) -> str:
    return alert(identifier=f"id-{number}", **changes).decode()


ONE, TWO, THREE = (numbered(number) for number in (1, 2, 3))


def feed(*entries: str) -> bytes:
    inner = "".join(f"<entry>{entry}</entry>" for entry in entries)
    return f'{DECLARATION}<feed xmlns="{ATOM}"><id>f</id><title>t</title>{inner}</feed>'.encode()


def rss(*items: str, version: str = "2.0") -> bytes:
    inner = "".join(f"<item>{item}</item>" for item in items)
    return f'<rss version="{version}"><channel><title>t</title>{inner}</channel></rss>'.encode()


def archive(*entries: tuple[str, str | bytes], packing: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", packing) as file:
        for name, body in entries:
            file.writestr(name, body)
    return buffer.getvalue()


def identifiers(body: bytes) -> list[str | None]:
    """Of each result its message's identifier; None where there is no message."""
    return [None if one.message is None else one.message.identifier for one in read_as_sent(body, NOW)]


def entries_of(body: bytes) -> tuple[IndexEntry, ...]:
    document = read_document(body)
    assert isinstance(document, Document)
    return index_entries(document)


def only(body: bytes) -> ParsedMessage:
    [one] = read_as_sent(body, NOW)
    return one


# --- alerts inside a document ---


def test_alerts_inside_an_atom_feed() -> None:
    old = numbered(2, namespace=CAP_1_1)
    body = feed(f"<id>1</id><content type='text/xml'>{ONE}</content>", f"<id>2</id>{old}")
    results = read_as_sent(body, NOW)
    assert [(one.index, one.format) for one in results] == [(0, "cap-1.2"), (1, "cap-1.1")]
    assert identifiers(body) == ["id-1", "id-2"]


def test_alerts_inside_rss() -> None:
    assert identifiers(rss(f"<title>a</title>{ONE}", TWO)) == ["id-1", "id-2"]


def test_alerts_inside_an_edxl_distribution() -> None:
    """As the fire service of New South Wales sends them."""
    objects = "".join(
        f"<e:contentObject><e:xmlContent><e:embeddedXMLContent>{one}</e:embeddedXMLContent></e:xmlContent>"
        "</e:contentObject>"
        for one in (ONE, TWO)
    )
    namespace = "urn:oasis:names:tc:emergency:EDXL:DE:1.0"
    body = (
        f'<e:EDXLDistribution xmlns:e="{namespace}"><e:senderID>x</e:senderID>{objects}</e:EDXLDistribution>'
    )
    assert identifiers(body.encode()) == ["id-1", "id-2"]


@pytest.mark.parametrize("namespace", ["", "http://example.org/feed", NAMESPACE])
def test_alerts_inside_a_bundle(namespace: str) -> None:
    body = f'<alerts xmlns="{namespace}">\n{ONE}\n{TWO}\n{THREE}</alerts>'
    assert identifiers(body.encode()) == ["id-1", "id-2", "id-3"]


def test_alerts_inside_any_envelope() -> None:
    soap = "http://schemas.xmlsoap.org/soap/envelope/"
    body = f'<s:Envelope xmlns:s="{soap}"><s:Body><x><y>{ONE}</y></x></s:Body></s:Envelope>'
    assert identifiers(body.encode()) == ["id-1"]


@pytest.mark.parametrize("written", [escape(f"{DECLARATION}\n{ONE}"), f"<![CDATA[ {ONE} ]]>"])
def test_alerts_written_as_text(written: str) -> None:
    assert identifiers(feed(f"<id>1</id><content type='text'>{written}</content>"))[0] == "id-1"
    assert identifiers(rss(f"<description>{written}</description>"))[0] == "id-1"


def test_hidden_malice_inside_a_text_stays_a_text() -> None:
    bomb = escape(f'<!DOCTYPE a [<!ENTITY x "ha">]>{ONE}')
    assert codes(only(rss(f"<description>{bomb}</description>"))) == [("index", "document")]


def test_a_bad_alert_in_a_bundle_costs_itself_only() -> None:
    body = f"<alerts>{ONE}{numbered(2, status='Bogus')}{THREE}</alerts>"
    assert identifiers(body.encode()) == ["id-1", None, "id-3"]
    refused = read_as_sent(body.encode(), NOW)[1]
    assert codes(refused) == [("unknown-value", "status")]
    assert (refused.index, refused.format, refused.extras["identifier"]) == (1, "cap-1.2", "id-2")


def test_alerts_of_an_unknown_namespace_in_a_bundle_are_refused_and_not_lost() -> None:
    body = f"<alerts>{numbered(1, namespace='urn:mine')}</alerts>"
    assert codes(only(body.encode())) == [("unknown-namespace", "alert")]


def test_an_alert_inside_an_alert_is_not_read() -> None:
    body = alert(extra=ONE)
    assert identifiers(body) == ["14052141600000_20260715163000"]
    assert identifiers(f"<alerts>{alert(extra=ONE).decode()}</alerts>".encode()) == identifiers(body)


def test_noise_before_a_bundle_is_told_of_each_message() -> None:
    body = b"\xef\xbb\xbf" + f"<alerts>{ONE}{TWO}</alerts>".encode()
    assert [codes(one) for one in read_as_sent(body, NOW)] == [[("byte-order-mark", "document")]] * 2


def test_a_message_alone_reads_as_it_does_in_a_bundle() -> None:
    alone, inside = only(ONE.encode()), only(f"<alerts>{ONE}</alerts>".encode())
    assert alone == inside


def test_messages_in_one_file_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MAX_MESSAGES", 2)
    results = read_as_sent(f"<alerts>{ONE}{TWO}{THREE}</alerts>".encode(), NOW)
    assert [codes(one) for one in results] == [[], [], [("too-many-messages", "document")]]


def test_an_empty_bundle_is_said_and_not_refused() -> None:
    for body in (b"<alerts/>", b'<EDXLDistribution xmlns="urn:oasis:names:tc:emergency:EDXL:DE:1.0"/>'):
        one = only(body)
        assert (one.format, one.verdict) == ("bundle", Verdict.ACCEPT_WITH_WARNINGS)
        assert codes(one) == [("no-warnings", "document")]


# --- one document after the other ---


@pytest.mark.parametrize("seam", ["", "\n", "\r\n\r\n", "\0", " \n\0"])
@pytest.mark.parametrize("declaration", [DECLARATION, ""])
def test_a_stream_of_documents(seam: str, declaration: str) -> None:
    body = seam.join(declaration + one for one in (ONE, TWO, THREE)).encode()
    assert identifiers(body) == ["id-1", "id-2", "id-3"]
    assert [one.verdict for one in read_as_sent(body, NOW)] == [Verdict.ACCEPT] * 3


def test_a_stream_with_a_prefix() -> None:
    with_prefix = ONE.replace("</alert>", "</c:alert>").replace("<alert ", f'<c:alert xmlns:c="{NAMESPACE}" ')
    assert identifiers((with_prefix + with_prefix).encode()) == ["id-1", "id-1"]


def test_a_stream_that_breaks_off_loses_its_last_message_only() -> None:
    body = (DECLARATION + ONE + DECLARATION + TWO + DECLARATION + THREE[:200]).encode()
    assert identifiers(body) == ["id-1", "id-2", None]
    assert codes(read_as_sent(body, NOW)[2])[0][0] == "not-well-formed"


def test_a_stream_with_a_damaged_message_goes_on() -> None:
    body = (ONE + TWO.replace("<status>", "<broken>") + THREE).encode()
    assert identifiers(body) == ["id-1", None, "id-3"]


def test_a_seam_inside_a_text_is_none() -> None:
    body = alert(note=f"<![CDATA[</alert>{DECLARATION}]]>")
    assert identifiers(body) == ["14052141600000_20260715163000"]


def test_rubbish_behind_a_message_is_refused() -> None:
    assert codes(only(ONE.encode() + b"<x/>"))[0][0] == "not-well-formed"


def test_a_stream_is_bounded() -> None:
    begun = process_time()
    results = read_as_sent(b"<alert ></alert>" * 200_000, NOW)
    assert len(results) == reading.MAX_MESSAGES + 1
    assert codes(results[-1]) == [("too-many-messages", "document")]
    assert process_time() - begun < 10


# --- archives ---


def test_an_archive_of_messages() -> None:
    body = archive(("a.xml", ONE), ("b/", ""), ("b/b.xml", TWO), ("c.xml", feed(f"<id>x</id>{THREE}")))
    assert identifiers(body) == ["id-1", "id-2", "id-3"]
    results = read_as_sent(body, NOW)
    assert [one.index for one in results] == [0, 1, 2]
    assert [one.extras["entry"] for one in results] == ["a.xml", "b/b.xml", "c.xml"]


def test_a_stored_archive_of_streams() -> None:
    assert identifiers(archive(("a.xml", ONE + TWO), packing=zipfile.ZIP_STORED)) == ["id-1", "id-2"]


def test_what_desktops_leave_in_archives_is_passed_over() -> None:
    assert identifiers(archive(("__MACOSX/._a.xml", b"x"), (".DS_Store", b"x"), ("a.xml", ONE))) == ["id-1"]


def test_a_file_in_an_archive_that_is_no_message_is_refused_by_itself() -> None:
    results = read_as_sent(archive(("readme.txt", "hello"), ("a.xml", ONE)), NOW)
    assert [codes(one) for one in results] == [[("unknown-format", "document")], []]


def test_an_archive_inside_an_archive_is_refused() -> None:
    one = only(archive(("in.zip", archive(("a.xml", ONE)))))
    assert codes(one) == [("nested-archive", "document/in.zip")]


def test_a_bomb_is_refused_before_it_unfolds(monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = b"<a>" + b" " * 30_000_000 + b"</a>"
    body = archive(("a.xml", ONE), ("bomb.xml", bomb), ("b.xml", TWO))
    assert len(body) < 100_000
    begun = process_time()
    results = read_as_sent(body, NOW)
    assert [codes(one) for one in results] == [[], [("archive-bomb", "document/bomb.xml")]]
    assert process_time() - begun < 5


def test_what_all_files_together_unpack_to_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(containers, "MAX_UNPACKED_BYTES", int(len(ONE) * 1.5))
    results = read_as_sent(archive(("a.xml", ONE), ("b.xml", TWO), ("c.xml", THREE)), NOW)
    assert [codes(one) for one in results] == [[], [("archive-bomb", "document/b.xml")]]


def test_what_the_directory_says_of_a_size_is_not_trusted() -> None:
    whole = archive(("a.xml", b"<a>" + b" " * 3_000_000 + b"</a>"))
    at = whole.index(b"PK\x01\x02") + 24
    lying = whole[:at] + (10).to_bytes(4, "little") + whole[at + 4 :]
    assert only(lying).verdict is Verdict.REJECT


def test_the_number_of_files_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(containers, "MAX_ENTRIES", 2)
    body = archive(("a.xml", ONE), ("b.xml", TWO), ("c.xml", THREE))
    assert codes(only(body)) == [("too-many-entries", "document")]


def test_an_archive_with_a_password_is_refused() -> None:
    body = bytearray(archive(("a.xml", ONE)))
    body[6] |= 1  # the flag, in front of the file
    body[body.index(b"PK\x01\x02") + 8] |= 1  # and in the directory
    assert codes(only(bytes(body))) == [("encrypted", "document/a.xml")]


@pytest.mark.parametrize("packing", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_packings_are_refused(packing: int) -> None:
    """Python unpacks these without a bound on what one piece may grow to."""
    assert codes(only(archive(("a.xml", ONE), packing=packing))) == [("unknown-packing", "document/a.xml")]


def test_damaged_archives_are_refused() -> None:
    whole = archive(("a.xml", ONE * 10))
    assert codes(only(whole[:-30])) == [("broken-archive", "document")]
    assert codes(only(b"PK\x03\x04")) == [("broken-archive", "document")]
    middle = len(whole) // 3
    assert only(whole[:middle] + b"\xff" * 20 + whole[middle + 20 :]).verdict is Verdict.REJECT


def test_a_file_without_a_name_is_passed_over() -> None:
    whole = archive(("a.xml", ONE), ("b.xml", TWO))
    at = whole.index(b"PK\x01\x02") + 28
    nameless = whole[:at] + b"\0\0" + whole[at + 2 :]
    assert all(one.complaints or one.message for one in read_as_sent(nameless, NOW))


def test_an_empty_archive_is_said() -> None:
    assert codes(only(archive())) == [("empty", "document")]


# --- indexes ---


def test_an_index_is_said_and_not_silently_nothing() -> None:
    one = only(feed("<id>1</id><link href='https://example.org/1.xml'/>", "<id>2</id>"))
    assert (one.format, one.verdict, one.message) == ("feed-atom", Verdict.ACCEPT_WITH_WARNINGS, None)
    assert codes(one) == [("index", "document")]
    assert "2" in one.complaints[0].text
    assert to_json(one, "x")["issued_warnings"] == []


def test_a_feed_without_entries_is_said() -> None:
    assert codes(only(feed())) == [("no-warnings", "document")]
    assert codes(only(rss())) == [("no-warnings", "document")]


def test_a_feed_of_both_tells_its_alerts_and_that_there_is_more() -> None:
    body = feed(f"<id>1</id>{ONE}", "<id>2</id><link href='x'/>")
    assert identifiers(body) == ["id-1", None]
    assert codes(read_as_sent(body, NOW)[1]) == [("index", "document")]


def test_entries_of_atom() -> None:
    cap = (
        f'<c:event xmlns:c="{CAP_1_1}">Wind</c:event><c:expires xmlns:c="{CAP_1_1}">t</c:expires>'
        f'<c:geocode xmlns:c="{CAP_1_1}"><valueName>FIPS6</valueName><value>1 2</value>'
        "<valueName>UGC</valueName><value>3</value></c:geocode>"
    )
    body = feed(
        "<id> urn:1 </id><title>大风\n</title><updated>2026-07-15T08:00:00Z</updated>"
        "<link rel='self' href='self.atom'/><link rel='alternate' type='text/html' href='page.html'/>"
        f"<link rel='related' type='application/cap+xml; charset=utf-8' href='https://example.org/1.cap'/>{cap}"
    )
    assert entries_of(body) == (
        IndexEntry(
            id="urn:1",
            link="https://example.org/1.cap",
            updated="2026-07-15T08:00:00Z",
            title="大风",
            cap={"event": ("Wind",), "expires": ("t",)},
            cap_codes={"geocode": (("FIPS6", "1 2"), ("UGC", "3"))},
            links=(
                Link("self.atom", None, "self"),
                Link("page.html", "text/html", "alternate"),
                Link("https://example.org/1.cap", "application/cap+xml; charset=utf-8", "related"),
            ),
        ),
    )


@pytest.mark.parametrize(
    ("links", "chosen"),
    [
        ("", None),
        ("<link href=''/>", None),
        ("<link href='a'/>", "a"),
        ("<link rel='self' href='a'/><link href='b'/>", "b"),
        ("<link rel='alternate' href='a'/><link rel='related' href='b'/>", "a"),
        ("<link rel='self' href='a'/>", "a"),
        ("<link type='text/html' href='a'/><link type='application/xml' href='b'/>", "b"),
        ("<link type='text/xml' href='a'/><link type='application/cap+xml' href='b'/>", "b"),
    ],
)
def test_the_link_that_leads_to_the_warning(links: str, chosen: str | None) -> None:
    assert entries_of(feed(links))[0].link == chosen


def test_entries_of_rss() -> None:
    when = "Wed, 15 Jul 2026 08:00:00 GMT"
    item = f"<title>a</title><guid>g</guid><pubDate>{when}</pubDate><link> https://x/1 </link>"
    rdf = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
    old = f'<r:RDF xmlns:r="{rdf}" xmlns="http://purl.org/rss/1.0/"><item>{item}</item></r:RDF>'
    for body in (rss(item), rss(item, version="0.91"), old.encode()):
        [entry] = entries_of(body)
        assert (entry.id, entry.title, entry.link) == ("g", "a", "https://x/1")
        assert entry.updated == when
    [with_file] = entries_of(
        rss("<enclosure url='https://x/1.cap' type='application/cap+xml'/><link>p</link>")
    )
    assert with_file.link == "https://x/1.cap"


def test_an_entry_that_holds_its_alert_needs_no_fetching() -> None:
    first, second = entries_of(feed(f"<id>1</id><content>{ONE}</content>", "<id>2</id>"))
    assert (first.embedded, second.embedded) == (True, False)
    assert first.id == "1"


def test_what_is_no_feed_has_no_entries() -> None:
    assert entries_of(ONE.encode()) == ()
    assert entries_of(f'<feed xmlns="{NAMESPACE}"><entry/></feed>'.encode()) == ()


def test_a_feed_with_a_doctype_is_refused() -> None:
    assert codes(only(b'<!DOCTYPE feed [<!ENTITY x SYSTEM "file:///x">]>' + feed("&x;"))) == [
        ("doctype", "document")
    ]
