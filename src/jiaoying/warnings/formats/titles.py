"""What a Chinese headline tells where a feed has no field for it: issuer, verb, event."""

import re

MAX_SEARCHED_CHARACTERS = 500  # the longest headline seen has some 200
_LIFTED = re.compile(r"解除(?![之以]?[前后])|取消")
_PUT_IN_FORCE = re.compile(r"发布|变更|升级|降级|更新|[转改升降]为")
_CHANGED = re.compile(r"继续发布|变更|升级|降级|更新|调整|[转改升降]为")
_BRACKETED = re.compile(r"\s*【([^【】]{1,200})】")
_ISSUER_IN_TITLE = re.compile(
    r"\s*([^，。：:,【】\s]{2,80}?)(?:联合)?(?:继续发布|确认发布|发布|变更|更新|解除|取消|升级|降级|调整|将)"
)
_EVENT_IN_TITLE = re.compile(
    r"(?:发布|变更|更新|解除|取消|升级|降级|调整|继续|确认|将)(?:[蓝黄橙红白]色)?"
    r"((?:(?!发布|变更|更新|解除|取消|升级|降级|调整|继续|确认|将)[^，。：:,“”\"\s]){1,20}?)"
    r"(?:[蓝黄橙红白]色)?预警"
)


def message_type_of(title: str | None) -> str:
    """Alert, Update or Cancel, from the verb of a Chinese title, for feeds that do not say it otherwise."""
    words = (title or "")[:MAX_SEARCHED_CHARACTERS]
    lifted = _LIFTED.search(words)
    if lifted is not None and _PUT_IN_FORCE.search(words, lifted.end()) is None:
        return "Cancel"
    return "Update" if _CHANGED.search(words) else "Alert"


def bracketed(text: str | None) -> str | None:
    """The words in 【】 with which a Chinese text begins: its headline."""
    found = _BRACKETED.match(text or "")
    return found[1] if found else None


def event_in_title(title: str | None) -> str | None:
    """`大风` of `河南省鹤壁市淇县气象台发布大风蓝色预警信号`: what stands between the verb and the colour."""
    found = _EVENT_IN_TITLE.search((title or "")[:MAX_SEARCHED_CHARACTERS])
    return found[1] if found else None


def issuer_in_title(title: str | None) -> str | None:
    """`河南省鹤壁市淇县气象台` of the same title: what stands before the verb."""
    found = _ISSUER_IN_TITLE.match((title or "")[:MAX_SEARCHED_CHARACTERS])
    return found[1] if found else None
