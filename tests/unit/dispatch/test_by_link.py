"""What the page of a link sends, and what is taken for a photo."""

from datetime import UTC, datetime

import pytest

from jiaoying.dispatch.by_link import LinkForm, read_form
from jiaoying.dispatch.links import link_in, new_address, sample_address, token_hash, without_tokens
from jiaoying.dispatch.photos import MAX_PHOTO_BYTES, photo_type
from jiaoying.kernel.errors import Refusal
from jiaoying.kernel.ids import new_id

AT = datetime(2026, 7, 15, 19, 0, tzinfo=UTC)
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 20


@pytest.mark.parametrize(
    ("fields", "form"),
    [
        ({"answer": "1"}, LinkForm(("1",))),
        ({"answer": "2"}, LinkForm(("2",))),
        ({"stages": ["on_post", "patrol", "asleep"]}, LinkForm(("到岗", "巡查"))),
        ({"households": "012", "people": "35"}, LinkForm(("已转移12户35人",))),
        ({"people": "0"}, LinkForm(("已转移0人",))),
        ({"danger": "桥塌了"}, LinkForm((), "桥塌了")),
        ({"photo": PNG}, LinkForm((), "", PNG)),
    ],
)
def test_the_form_becomes_the_words_of_a_text(fields: dict[str, object], form: LinkForm) -> None:
    assert read_form(**fields) == form  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"answer": "9"},
        {"stages": ["asleep"]},
        {"people": "-1"},
        {"people": "１２"},
        {"households": "999999"},
        {"danger": "塌" * 501},
        {"photo": b"<svg/>"},
    ],
)
def test_what_makes_no_sense_is_refused(fields: dict[str, object]) -> None:
    with pytest.raises(Refusal):
        read_form(**fields)  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(
    ("body", "kind"),
    [(b"\xff\xd8\xff\xe0", "image/jpeg"), (PNG, "image/png"), (b"RIFF0000WEBPVP8 ", "image/webp")],
)
def test_a_photo_is_known_by_its_first_bytes(body: bytes, kind: str) -> None:
    assert photo_type(body) == kind


@pytest.mark.parametrize(
    "body", [b"", b"GIF89a", b"<html>", b"RIFF0000WAVE", b"\xff\xd8", b"\xff\xd8\xff" * MAX_PHOTO_BYTES]
)
def test_whatever_else_is_no_photo(body: bytes) -> None:
    with pytest.raises(Refusal):
        photo_type(body)


def test_a_link_is_written_for_a_text_that_holds_it_and_hidden_from_everybody_else() -> None:
    address = new_address("https://yujing.example.cn/")
    assert len(address) == len(sample_address("https://yujing.example.cn"))
    text, ids = f"收到回复1，或点开 {address} 确认。", {"call_out_id": new_id(AT), "attempt_id": new_id(AT)}
    link = link_in(text, address, **ids, now=AT, valid_to=AT)
    assert link
    assert link.token_sha256 == token_hash(address[-22:])
    assert address[-22:] not in without_tokens(text)
    assert without_tokens(text).endswith("/a/… 确认。")
    # The plain sentence that goes out when a wording fails has no link.
    assert link_in("请立即到岗处置。", address, **ids, now=AT, valid_to=AT) is None
    assert link_in(text, None, **ids, now=AT, valid_to=AT) is None
