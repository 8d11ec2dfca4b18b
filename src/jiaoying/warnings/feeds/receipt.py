"""The acknowledgement of a 12379 delivery: what the delivering side looks for beside its file. Pure.

Known from a program that reads such files: their name ends in `_AI-1_0.xml`, and below `msg/data/rows` stand
`status` (0: taken), `error_code` and `note`. Guessed: that the name before it is that of the delivered file,
and the encoding.
"""

from pathlib import PurePath

from lxml import etree

ENDING = "_AI-1_0.xml"
TAKEN = "0"
NOT_READABLE = "1"
LONGEST_NOTE = 500


def receipt_name(delivered: str) -> str:
    """`…_11B03_RED_Alert.xml` → `…_11B03_RED_Alert_AI-1_0.xml`."""
    return f"{PurePath(delivered).stem}{ENDING}"


def receipt_of(status: str, note: str) -> bytes:
    """The content; `note` says in words what is wrong, and is empty where nothing is."""
    root = etree.Element("msg")
    rows = etree.SubElement(etree.SubElement(root, "data"), "rows")
    for name, text in (
        ("status", status),
        ("error_code", "" if status == TAKEN else status),
        ("note", _writable(note)[:LONGEST_NOTE]),
    ):
        etree.SubElement(rows, name).text = text
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _writable(text: str) -> str:
    """Without the signs that XML 1.0 cannot hold."""
    return "".join(sign for sign in text if sign in "\t\n\r" or (sign >= " " and sign not in "\ufffe\uffff"))
