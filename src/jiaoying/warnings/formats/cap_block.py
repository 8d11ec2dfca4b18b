"""One element of a CAP message with its children by name, whatever their order (CAP 1.2, 3.4: the schema)."""

from datetime import datetime, tzinfo
from itertools import pairwise

from jiaoying.kernel.language import say
from jiaoying.warnings.formats.cap_schema import MAY_BE_EMPTY, ORDER
from jiaoying.warnings.formats.cap_values import REMARKS, read_moment
from jiaoying.warnings.formats.guarded_xml import Node
from jiaoying.warnings.formats.notes import Notes

SIGNATURE_NAMESPACE = "http://www.w3.org/2000/09/xmldsig#"
_SCHEMA_INSTANCE = "{http://www.w3.org/2001/XMLSchema-instance}"
# Room for a thousand references or division codes; the most seen is 21.
MAX_CODED_CHARACTERS = 100_000


class Block:
    """An element, the path to it (`info[1]/area[2]`), and what is noticed about it."""

    def __init__(self, node: Node, path: str, notes: Notes) -> None:
        self.path = path
        self.notes = notes
        self._kind = node.name
        self._namespace = node.namespace
        self._children: dict[str, list[Node]] = {name: [] for name in ORDER[node.name]}
        self._note_attributes(node)
        for child in node.children:
            self._take(child)
        self._note_order(node)

    def field(self, name: str, position: int | None = None) -> str:
        """The path of a child, as complaints name it."""
        own = f"{self.path}/{name}" if self.path else name
        return own if position is None else f"{own}[{position}]"

    def blocks(self, name: str) -> list["Block"]:
        """The children of that name, as blocks."""
        return [
            Block(node, self.field(name, position), self.notes)
            for position, node in enumerate(self._children[name], start=1)
        ]

    def texts(self, name: str) -> list[tuple[str, str]]:
        """Path and text of each child of that name, the empty ones too."""
        return [
            (self.field(name, position), node.text)
            for position, node in enumerate(self._children[name], start=1)
        ]

    def filled(self, name: str) -> list[str]:
        """The texts of a child that may be repeated, without the empty ones."""
        texts = self.texts(name)
        for field, text in texts:
            if not text:
                self._note_empty(name, field)
        return [text for _, text in texts if text]

    def text(self, name: str) -> str | None:
        """The text of a child that stands once. Absent and empty are None; of several the first counts."""
        nodes = self._children[name]
        if not nodes:
            return None
        if len(nodes) > 1:
            text = say("stands {count} times; the first counts", count=len(nodes))
            self.notes.tolerate("repeated", self.field(name), text)
        if not nodes[0].text:
            self._note_empty(name, self.field(name))
        return nodes[0].text or None

    def coded(self, name: str) -> str:
        """The text of a child that is taken apart further: "" when absent, and of bounded length."""
        text = self.text(name) or ""
        if len(text) > MAX_CODED_CHARACTERS:
            remedy = say(
                "is longer than {count} characters: only the beginning was read", count=MAX_CODED_CHARACTERS
            )
            self.notes.tolerate("too-long", self.field(name), remedy)
        return text[:MAX_CODED_CHARACTERS]

    def moment(self, name: str, fallback_zone: tzinfo | None) -> datetime | None:
        """The moment that a child holds, in UTC."""
        text = self.text(name)
        if text is None:
            return None
        reading = read_moment(text, fallback_zone)
        self.remark(reading.remarks, self.field(name), text)
        return reading.moment

    def remark(self, codes: tuple[str, ...], field: str, value: str) -> None:
        """Note what the reading of a single value forgave."""
        for code in codes:
            self.notes.tolerate(code, field, say(REMARKS[code], value=value[:60]))

    def _take(self, child: Node) -> None:
        if child.namespace == SIGNATURE_NAMESPACE and child.name == "Signature":
            self._note_signature()
        elif child.name in self._children and child.namespace in (self._namespace, ""):
            self._children[child.name].append(child)
            if child.namespace != self._namespace:
                text = say("has no namespace; it was read as an element of CAP")
                self.notes.tolerate("other-namespace", self.field(child.name), text)
        else:
            text = say("does not belong here in CAP and was passed over")
            self.notes.tolerate("unknown-element", self.field(child.name[:60]), text)

    def _note_signature(self) -> None:
        # CAP 1.2, 3.3.4: not to be rejected because we cannot verify it, and to be said.
        text = say("the message is signed; the signature was not verified")
        self.notes.tolerate("signature-not-verified", self.field("Signature"), text)

    def _note_attributes(self, node: Node) -> None:
        for attribute in node.attributes:
            if not attribute.startswith(_SCHEMA_INSTANCE):
                field = f"{self.path or node.name}/@{attribute[:60]}"
                text = say("CAP has no attributes; it was passed over")
                self.notes.tolerate("unknown-attribute", field, text)

    def _note_order(self, node: Node) -> None:
        order = ORDER[self._kind]
        taken = {id(child) for children in self._children.values() for child in children}
        places = [order.index(child.name) for child in node.children if id(child) in taken]
        if any(later < earlier for earlier, later in pairwise(places)):
            text = say("the elements inside are not in the order of the schema: read all the same")
            self.notes.tolerate("element-order", self.path or node.name, text)

    def _note_empty(self, name: str, field: str) -> None:
        if name not in MAY_BE_EMPTY:
            self.notes.tolerate("empty", field, say("is empty: read as absent"))
