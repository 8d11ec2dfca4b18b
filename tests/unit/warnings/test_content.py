"""When two messages say the same."""

from jiaoying.warnings.content import content_digest
from unit.warnings.samples import alert, info, message_in

# Written down, because another digest of the same words would make every repeated message a new version.
KNOWN = "0c617c101045c562c0d00edc16be79a805eddeaa5e5ec1136870d42cbaf03807"


def digest(body: bytes) -> str:
    return content_digest(message_in(body)).hex()


def test_the_digest_of_a_message_stays_what_it_is() -> None:
    assert digest(alert()) == KNOWN


def test_the_way_of_writing_makes_no_difference() -> None:
    plain = digest(alert())
    text = alert().decode()
    assert digest(text.replace("><", ">\n    <").encode()) == plain
    assert digest(("<?xml version='1.0' encoding='GB18030'?>" + text).encode("gb18030")) == plain
    assert digest(text.replace("2026-07-15T16:30:00+08:00", "2026-07-15T08:30:00Z").encode()) == plain
    assert (
        digest(
            text.replace("<status>Actual</status>", "")
            .replace("</alert>", "<status>ACTUAL</status></alert>")
            .encode()
        )
        == plain
    )
    assert digest(alert(extra='<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"/>')) == plain
    assert digest(alert(info(description="预计未来6小时  我县"))) == digest(
        alert(info(description="预计未来6小时\n我县"))
    )


def test_what_is_said_makes_a_difference() -> None:
    plain = digest(alert())
    assert digest(alert(info(severity="Severe"))) != plain
    assert digest(alert(info(description="别的"))) != plain
    assert digest(alert(info(expires="2026-07-15T22:31:00+08:00"))) != plain
    assert digest(alert(msgType="Cancel")) != plain
