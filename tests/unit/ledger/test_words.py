"""Events in words."""

from jiaoying.kernel.language import speaking
from jiaoying.ledger.words import channel_words, event_words, fact_words, role_words


def test_chinese_first() -> None:
    assert event_words("call_out.answered") == "已应答"
    assert channel_words("voice") == "电话"
    assert role_words("deputy") == "B角"
    assert fact_words("no_answer") == "各轮呼叫均无应答"


def test_english() -> None:
    with speaking("en"):
        assert event_words("call_out.answered") == "Answered"


def test_an_unknown_word_is_itself() -> None:
    assert event_words("comet.sighted") == "comet.sighted"
