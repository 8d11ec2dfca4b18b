"""Where in a ladder file something stands: as programs name it, and in a reader's words. Pure."""

import re
from collections.abc import Sequence

from jiaoying.dispatch.ladders.describing import tier_word
from jiaoying.kernel.language import say

_RULE = re.compile(r"^rules\[(?P<rule>\d+)\](?:\.tiers\.(?P<tier>\w+))?(?:\.rungs\[(?P<rung>\d+)\])?")


def place_words(field: str, rule_names: Sequence[str]) -> str:
    """`rules[2].tiers.village.rungs[1]` → 规则“红色预警” 村级 第1梯级; what lies in no rule stays."""
    found = _RULE.match(field)
    if found is None:
        return field
    number = int(found["rule"])
    named = number <= len(rule_names) and rule_names[number - 1]
    words = [say("rule “{name}”", name=named) if named else say("rule {number}", number=number)]
    if found["tier"]:
        words.append(tier_word(found["tier"]))
    if found["rung"]:
        words.append(say("rung {number}", number=found["rung"]))
    return " ".join(words)


def placed(field: str, text: str, rule_names: Sequence[str]) -> str:
    """What is wrong, led by its place in words where there are better ones than the field's own."""
    words = place_words(field, rule_names)
    return text if words == field else say("{place}: {text}", place=words, text=text)


def rule_at(number: int) -> str:
    """The field of a rule; rules, like rungs, are counted from 1."""
    return f"rules[{number}]"


def tier_at(number: int, tier: str) -> str:
    """The field of a tier's ladder."""
    return f"{rule_at(number)}.tiers.{tier}"


def rung_at(number: int, tier: str, rung: int) -> str:
    """The field of a rung."""
    return f"{tier_at(number, tier)}.rungs[{rung}]"
