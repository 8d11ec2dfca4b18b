"""The acknowledgement that a delivery of the national platform gets beside it in its folder.

Known, from public software that reads such files: the name is that of the delivery followed by
`_AI-1_0.xml` (there behind routing parts, `…_330600-AMP_330600-OTH_20161104171200074_AI-1_0.xml`); the
document is read by `/msg/data/rows/status`, `error_code` and `note`; status 0 means that all went well.

Guessed, since no description of the interface was seen: that the routing parts may be left out, that
a failure has status 1, the words of `error_code`, and that no other elements are needed. Before a platform
is connected, compare with one of its own acknowledgements.
"""

import re
from pathlib import PurePosixPath

from lxml import etree

SUFFIX = "_AI-1_0.xml"
STATUS_OK, STATUS_REFUSED = "0", "1"
MAX_NOTE_CHARACTERS = 500
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def receipt_name(delivery: str) -> str:
    """The name of the acknowledgement to the file `delivery` (`….xml` or `….zip`)."""
    return f"{PurePosixPath(delivery).stem}{SUFFIX}"


def build_receipt(*, error_code: str = "", note: str = "") -> bytes:
    """The acknowledgement: accepted without an `error_code`, refused with one; `note` says why."""
    root = etree.Element("msg")
    rows = etree.SubElement(etree.SubElement(root, "data"), "rows")
    etree.SubElement(rows, "status").text = STATUS_REFUSED if error_code else STATUS_OK
    etree.SubElement(rows, "error_code").text = _printable(error_code)
    etree.SubElement(rows, "note").text = _printable(note)
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True)


def _printable(text: str) -> str:
    return _UNPRINTABLE.sub("", text)[:MAX_NOTE_CHARACTERS]
