"""Long texts end where a sentence ends."""

from hypothesis import given
from hypothesis import strategies as st

from jiaoying.templates.cutting import cut, fit
from jiaoying.templates.parts import count_parts

TEXT = "降雨持续。山洪风险极高！请转移群众，注意安全"


def test_what_fits_stays_whole() -> None:
    assert cut(TEXT, len(TEXT)) == TEXT


def test_cut_at_the_end_of_a_sentence() -> None:
    assert cut(TEXT, 15) == "降雨持续。山洪风险极高！…"


def test_cut_at_a_pause_where_no_sentence_ends() -> None:
    assert cut("一二三，四五六七八九十", 8) == "一二三，…"


def test_nothing_rather_than_half_a_word() -> None:
    assert cut("一二三四五六七八九十", 5) == ""


def test_a_frame_without_text_keeps_no_hole() -> None:
    assert fit("Act now. GAP Reply 1.", "GAP", "", 2) == "Act now. Reply 1."


@given(st.text(max_size=1000), st.integers(2, 5))
def test_never_more_parts_than_asked_for(text: str, most_parts: int) -> None:
    assert (
        count_parts(fit("【值班室】\ue000收到回复1", "\ue000", text.replace("\ue000", ""), most_parts))
        <= most_parts
    )


@given(st.text(max_size=300), st.integers(0, 300))
def test_what_is_kept_is_the_beginning(text: str, room: int) -> None:
    kept = cut(text, room)
    assert text.startswith(kept.removesuffix("…")) or kept == text


def test_a_list_of_places_is_not_cut_in_its_middle() -> None:
    assert cut("龙港镇、中村镇、郑庄镇将有暴雨", 8) == ""
    assert cut("预计未来三小时，龙港镇、中村镇将有暴雨", 14) == "预计未来三小时，…"
