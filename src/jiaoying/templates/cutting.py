"""Texts made to fit, cut where a sentence ends."""

from jiaoying.templates.parts import GSM_7, UCS_2, count_units, is_gsm

_SENTENCE_ENDS = "。！？；!?;\n"
# Not after 、 : half a list of places would pass for the whole.
_PAUSES = "，,：:"


def fit(frame: str, gap: str, text: str, most_parts: int) -> str:
    """`frame` with as much of `text` in place of `gap` as `most_parts` parts hold.

    What is left out is marked with an ellipsis; where not even one sentence fits, nothing of the text
    goes in. The frame itself is never cut.
    """
    bare = frame.replace(gap, "")
    gsm = is_gsm(bare) and is_gsm(text)
    room = (GSM_7 if gsm else UCS_2).capacity(most_parts) - count_units(bare, gsm=gsm)
    ellipsis = "..." if gsm else "…"
    own = cut(text, room, ellipsis, gsm=gsm)
    return frame.replace(gap, own) if own else frame.replace(f"{gap} ", "").replace(gap, "")


def cut(text: str, room: int, ellipsis: str = "…", *, gsm: bool = False) -> str:
    """`text`, or its beginning up to a sentence's end that leaves space for `ellipsis` in `room` units."""
    if count_units(text, gsm=gsm) <= room:
        return text
    kept = text[: max(0, room - len(ellipsis))]
    while count_units(kept, gsm=gsm) > room - len(ellipsis) and kept:
        kept = kept[:-1]
    end = _last_end(kept)
    return kept[:end] + ellipsis if end else ""


def _last_end(text: str) -> int:
    """After the last sentence of `text`, else after its last pause, else 0."""
    sentences = max((text.rfind(sign) for sign in _SENTENCE_ENDS), default=-1)
    sentences = max(sentences, text.rfind(". "))
    return (sentences if sentences >= 0 else max(text.rfind(sign) for sign in _PAUSES)) + 1
