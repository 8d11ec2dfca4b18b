"""What a reply to a reminder says: done, or no more than received. Pure."""

import re

# “1” alone is received. Whoever says one of these says that it has been handed in.
_DONE = frozenset(
    {
        *("已报", "已上报", "已报送", "已报备", "已报出", "已完成", "已办", "已办结", "已发送", "已提交"),
        *(
            "报了",
            "报过了",
            "上报了",
            "报送了",
            "交了",
            "办完了",
            "完成了",
            "已经报了",
            "已经报送",
            "已经上报",
        ),
        *("done", "reported", "submitted", "sent", "finished"),
    }
)
_NOT_WORDS = re.compile(r"[\W_]+")
# What stands before it: the reference of the reminder, and a word that says “received”.
_BEFORE = re.compile(r"^(?:[a-z]\d{1,2})?(?:收到|好的|1)?")
_THANKS = re.compile(r"(?:谢谢|辛苦了|领导)+$")


def says_done(text: str) -> bool:
    """Whether a reply says that it is done: `已报`, `A7 已报送`, `收到，已报`, `done`."""
    bare = _THANKS.sub("", _NOT_WORDS.sub("", text[:200]).casefold())
    return bare in _DONE or _BEFORE.sub("", bare, count=1) in _DONE
