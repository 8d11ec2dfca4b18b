"""Indexes, as they are found."""

from jiaoying.warnings.feeds.index import IndexLink, read_index
from unit.warnings.samples import alert

ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xmlns:cap="urn:oasis:names:tc:emergency:cap:1.2">
<id>feed</id><link href="https://x/self" rel="self"/><updated>2026-07-15T08:00:00Z</updated>
<entry><id>urn:1</id><updated>2026-07-15T08:01:00Z</updated><title>暴雨</title><cap:event>Rain</cap:event>
<link rel="self" href="https://x/no"/><link href="https://x/page"/>
<link type="application/cap+xml" href=" https://x/1.xml "/></entry>
<entry><id>urn:2</id><title/><link href="https://x/2.xml"/></entry>
<entry><id>urn:3</id></entry>
</feed>""".encode()
RSS = b"""<rss version="2.0"><channel><title>t</title><link>https://x/</link>
<item><guid>1</guid><link>https://x/1.xml</link>
<pubDate>Wed, 15 Jul 2026 08:01:00 GMT</pubDate><title>a</title></item>
<item><link>https://x/2.xml</link></item></channel></rss>"""


def entries_of(body: bytes) -> list[IndexLink]:
    found = read_index(body)
    assert found is not None
    return list(found)


def test_atom_leads_to_the_cap_and_not_to_the_page() -> None:
    first, second = entries_of(ATOM)
    assert (first.id, first.link, first.updated, first.title) == (
        *("urn:1", "https://x/1.xml", "2026-07-15T08:01:00Z", "暴雨"),
    )
    assert (second.link, second.updated, second.title) == ("https://x/2.xml", None, None)


def test_rss_too() -> None:
    first, second = entries_of(b"\xef\xbb\xbf" + RSS)
    assert (first.id, first.updated) == ("1", "Wed, 15 Jul 2026 08:01:00 GMT")
    assert second.id == second.link == "https://x/2.xml"


def test_an_entry_that_changed_is_another() -> None:
    [before, _] = entries_of(ATOM)
    [after, _] = entries_of(ATOM.replace(b"08:01:00Z", b"08:02:00Z"))
    assert before.digest != after.digest
    assert before.digest == entries_of(ATOM)[0].digest


def test_what_holds_the_warnings_itself_is_no_index() -> None:
    inside = (
        b'<feed xmlns="http://www.w3.org/2005/Atom"><entry><content>' + alert() + b"</content></entry></feed>"
    )
    assert read_index(inside) is None
    for body in (alert(), b'{"warning": []}', b"", b"<feed>", b"<!DOCTYPE feed><feed/>"):
        assert read_index(body) is None, body
    assert read_index(b'<feed xmlns="http://www.w3.org/2005/Atom"/>') == ()
