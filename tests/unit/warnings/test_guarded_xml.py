"""Documents that mean harm, and documents that are merely broken."""

import codecs
from concurrent.futures import ThreadPoolExecutor
from time import process_time

import pytest

from jiaoying.kernel.errors import Complaint
from jiaoying.warnings.formats import guarded_xml
from jiaoying.warnings.formats.guarded_xml import MAX_BYTES, MAX_DEPTH, Document, read_document

BOMB = b"""<!DOCTYPE a [<!ENTITY x "ha"><!ENTITY y "&x;&x;&x;&x;"><!ENTITY z "&y;&y;&y;&y;">]><a>&z;</a>"""
OUTSIDE = b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]><a>&x;</a>'
IN_ATTRIBUTE = b'<!DOCTYPE a [<!ENTITY x "ha">]><a b="&x;&x;"/>'


def refusal(body: bytes) -> Complaint:
    refused = read_document(body)
    assert isinstance(refused, Complaint)
    return refused


def document(body: bytes) -> Document:
    read = read_document(body)
    assert isinstance(read, Document), read
    return read


@pytest.mark.parametrize("body", [BOMB, OUTSIDE, IN_ATTRIBUTE, b'<!DOCTYPE a SYSTEM "http://x/y.dtd"><a/>'])
def test_a_doctype_ends_the_reading(body: bytes) -> None:
    assert refusal(body).code == "doctype"


def test_a_doctype_hides_behind_no_encoding() -> None:
    assert refusal(BOMB.decode().encode("utf-16")).code == "doctype"
    hidden = b'<?xml version="1.0" encoding="utf-7"?>+ADw-!DOCTYPE a+AD4-+ADw-a/+AD4-'
    assert isinstance(read_document(hidden), Complaint)


@pytest.mark.parametrize(
    "declaration",
    [
        """<?xml version="encoding='utf-8'" encoding="utf-7"?>""",
        """<?xml version="1.0" standalone="no" encoding="utf-7"?>""",
        """<?xml encoding="utf-7" version="1.0"?>""",
        """<?xml version="1.0" encoding="utf-8-but-not-really"?>""",
        """<?xml version="1.0" encoding="hz"?>""",
    ],
)
def test_no_declaration_talks_its_way_past_the_guard(declaration: str) -> None:
    body = declaration.encode() + b"+ADwAIQ-DOCTYPE a [+ADwAIQ-ENTITY x +ACI-ha+ACIAPgBdAD4APA-a+AD4AJg-x;"
    assert isinstance(read_document(body), Complaint)


def test_documents_are_read_in_several_threads() -> None:
    bodies = [b"<a>" + str(number).encode() * 1000 + b"</a>" for number in range(200)]
    with ThreadPoolExecutor(8) as pool:
        texts = [
            document.root.text
            for document in pool.map(read_document, bodies)
            if isinstance(document, Document)
        ]
    assert texts == [str(number) * 1000 for number in range(200)]


def test_attributes_are_given_by_name() -> None:
    root = document(b'<a b="1" x:c="2" xmlns:x="urn:x"/>').root
    assert root.attributes == {"b": "1", "{urn:x}c": "2"}


def test_the_word_doctype_inside_a_text_is_a_text() -> None:
    assert document(b"<a><![CDATA[<!DOCTYPE html>]]></a>").root.text == "<!DOCTYPE html>"


def test_an_undeclared_entity_is_refused_and_the_five_of_xml_are_read() -> None:
    assert refusal(b"<a>&nbsp;</a>").code == "not-well-formed"
    assert document(b"<a>&lt;&amp;&gt;&quot;&apos;&#26292;</a>").root.text == "<&>\"'暴"


def test_depth_is_bounded() -> None:
    assert document(b"<a>" * MAX_DEPTH + b"</a>" * MAX_DEPTH).root.name == "a"
    assert refusal(b"<a>" * (MAX_DEPTH + 1) + b"</a>" * (MAX_DEPTH + 1)).code == "too-deep"
    assert refusal(b"<a>" * 1_000_000).code == "too-deep"


def test_the_number_of_elements_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guarded_xml, "MAX_ELEMENTS", 1000)
    assert document(b"<a>" + b"<b/>" * 999 + b"</a>").root.name == "a"
    assert refusal(b"<a>" + b"<b/>" * 1000 + b"</a>").code == "too-many-elements"


def test_size_is_bounded() -> None:
    assert refusal(b"<a>" + b" " * MAX_BYTES + b"</a>").code == "too-large"


def test_one_long_text_is_read() -> None:
    """A recording in base64 may exceed the 10 MB that libxml2 allows one text by itself."""
    assert len(document(b"<a>" + b"x" * 11_000_000 + b"</a>").root.text) == 11_000_000


@pytest.mark.parametrize(
    "body",
    [
        b"<a " + b" ".join(b'a%d="1"' % number for number in range(200_000)) + b"/>",
        b"<a " + b" ".join(b'xmlns:a%d="u"' % number for number in range(100_000)) + b"/>",
        b"<a>" + b"<!--x-->y" * 500_000 + b"</a>",
        b"<a>" + b"&lt;" * 1_000_000 + b"</a>",
    ],
    ids=["attributes", "namespaces", "comments", "references"],
)
def test_a_laborious_document_does_not_hold_us_up(body: bytes) -> None:
    begun = process_time()
    read_document(body)
    assert process_time() - begun < 5


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "empty"),
        (b" \n ", "empty"),
        (b"<!-- nothing -->", "not-well-formed"),
        (b"<a>", "not-well-formed"),
        (b"<a/><b/>", "not-well-formed"),
        (b"<cap:a/>", "not-well-formed"),
        (b'<a q:b="1"/>', "not-well-formed"),
        (b"<a>\xff</a>", "not-well-formed"),
        (b"<a>\x00</a>", "not-well-formed"),
        (b"<a>&#0;</a>", "not-well-formed"),
        (b'<?xml version="1.0" encoding="no-such"?><a/>', "not-well-formed"),
        ('<?xml version="1.0" encoding="utf-8"?><a>暴</a>'.encode("gbk"), "not-well-formed"),
    ],
)
def test_what_is_not_xml_is_refused(body: bytes, code: str) -> None:
    assert refusal(body).code == code


def test_a_declared_encoding_is_honoured() -> None:
    assert (
        document('<?xml version="1.0" encoding="GB18030"?><a>暴雨</a>'.encode("gb18030")).root.text == "暴雨"
    )
    assert document("<a>暴雨</a>".encode("utf-16")).root.text == "暴雨"


def test_noise_before_the_document_is_skipped_and_said() -> None:
    read = document(codecs.BOM_UTF8 + b' \n<?xml version="1.0"?><a/>')
    assert [remark.code for remark in read.remarks] == ["byte-order-mark", "leading-blanks"]
    assert document(b"<a/>").remarks == ()


def test_texts_are_joined_and_line_ends_made_one() -> None:
    root = document(b"<a> one<!-- c -->\r\ntwo<b>three</b>&#13;&#10;four </a>").root
    assert root.text == "one\ntwothree\nfour"
    assert [child.name for child in root.children] == ["b"]


def test_namespaces_are_kept_apart_from_names() -> None:
    root = document(b'<x:a xmlns:x="urn:one"><b xmlns="urn:two"/></x:a>').root
    assert (root.namespace, root.name) == ("urn:one", "a")
    assert [(child.namespace, child.name) for child in root.children] == [("urn:two", "b")]
