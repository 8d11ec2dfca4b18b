"""Texts that can be read aloud and stored, from descriptions that hold HTML. Pure.

The message keeps what was sent; this is for the issued warning. Markdown is left: it reads well enough.
"""

import html
import re

MAX_TEXT_CHARACTERS = 20_000  # the longest real description seen has some 10,000
MAX_LINE_CHARACTERS = 500  # a headline or an event

_BLOCKS = r"br|p|div|li|ul|ol|tr|table|tbody|thead|h[1-6]|hr|blockquote|pre|section|center"
_INLINE = r"span|b|i|u|a|em|strong|font|small|big|sup|sub|td|th|img|code|script|style"
# Only tags that are known: `<5 m/s` and `<沁水>` are text. The bounds keep the search linear.
_TAG = re.compile(rf"</?(?:(?P<block>{_BLOCKS})|(?:{_INLINE}))\b[^<>]{{0,1000}}>", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:[a-z]{2,8}|#\d{1,7}|#x[0-9a-f]{1,6});", re.IGNORECASE)
_BLANKS = re.compile(r"[ \t\u00a0]+")
_GAPS = re.compile(r"\n{3,}")
# What PostgreSQL and XML cannot hold and JSON can.
_UNSTORABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def plain(text: str) -> str:
    """`text` without tags and entities; what holds neither is only freed of what cannot be stored."""
    text = _UNSTORABLE.sub("", text)
    if not _TAG.search(text) and not _ENTITY.search(text):
        return text
    # Twice: feeds escape what was escaped already (`&amp;amp;`, `&lt;p&gt;`).
    told = _UNSTORABLE.sub("", html.unescape(html.unescape(text)))
    told = _TAG.sub(lambda tag: "\n" if tag["block"] else "", told)
    lines = (_BLANKS.sub(" ", line).strip() for line in told.replace("\r", "").split("\n"))
    return _GAPS.sub("\n\n", "\n".join(lines)).strip()


def cut(text: str, most: int) -> str:
    """The beginning of `text`, with `…` where something was left out."""
    return text if len(text) <= most else text[: most - 1] + "…"
