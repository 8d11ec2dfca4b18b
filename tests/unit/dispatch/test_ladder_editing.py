"""Rules as forms have them: rungs and rules are moved, and what a form sends is read as it was shown."""

import json
from typing import Any

from jiaoying.dispatch.ladders.comparing import difference
from jiaoying.dispatch.ladders.editing import (
    RuleData,
    new_rule,
    rules_of,
    with_rule,
    with_rules_changed,
    with_rungs_changed,
)
from jiaoying.dispatch.ladders.model import LadderBook
from jiaoying.dispatch.ladders.reading import book_from_data, default_book, parse_book
from jiaoying.dispatch.ladders.writing import book_to_data
from jiaoying.kernel.language import speaking
from jiaoying.web.console.rule_form import Fields, rule_in

BOOK = default_book()


def names(data: dict[str, object]) -> list[str]:
    return [rule.name for rule in book_from_data(data).rules]


def test_rules_are_moved_doubled_and_removed() -> None:
    first, second, *rest = [rule.name for rule in BOOK.rules]
    assert names(with_rules_changed(BOOK, "down", 1)) == [second, first, *rest]
    assert names(with_rules_changed(BOOK, "up", 2)) == [second, first, *rest]
    assert names(with_rules_changed(BOOK, "remove", 1)) == [second, *rest]
    assert names(with_rules_changed(BOOK, "copy", 1)) == [first, first, second, *rest]
    # What leads nowhere changes nothing.
    for deed, number in (("up", 1), ("down", len(BOOK.rules)), ("remove", 99), ("remove", 0), ("jump", 1)):
        assert names(with_rules_changed(BOOK, deed, number)) == [first, second, *rest]


def test_a_new_rule_stands_before_the_general_ones() -> None:
    rule = {**new_rule(), "name": "新", "colours": ["red"]}
    assert names(with_rule(BOOK, len(BOOK.rules) + 1, rule))[0] == "新"


def test_rungs_are_added_moved_and_removed() -> None:
    rule = rules_of(BOOK)[0]
    who = [rung["who"] for rung in rule["tiers"]["village"]["rungs"]]
    added = with_rungs_changed(rule, "add", "village", 0)["tiers"]["village"]["rungs"]
    assert [rung["who"] for rung in added] == [*who, []]
    moved = with_rungs_changed(rule, "up", "village", 2)["tiers"]["village"]["rungs"]
    assert [rung["who"] for rung in moved] == [who[1], who[0], who[2]]
    # The rule that was shown stays as it is.
    assert [rung["who"] for rung in rule["tiers"]["village"]["rungs"]] == who
    assert with_rungs_changed(rule, "add", "nowhere", 0) == rule


def test_a_form_that_is_sent_as_it_was_shown_changes_nothing() -> None:
    for number, rule in enumerate(rules_of(BOOK), start=1):
        sent = rule_in(Fields(_as_posted(rule)))
        again = book_from_data(with_rule(BOOK, number, sent), strict=True)
        assert difference(BOOK, again) == []


def _as_posted(data: RuleData) -> dict[str, list[str]]:
    """What a browser sends for a rule that nobody changed."""
    posted: dict[str, list[str]] = {
        "name": [str(data["name"])],
        "hazards": data.get("hazards", []),
        "colours": data["colours"],
    }
    for tier, ladder in data["tiers"].items():
        posted |= {
            f"{tier}.asked": ["yes"],
            f"{tier}.stop": [str(ladder["stop"])],
            f"{tier}.deadline_s": [str(ladder["deadline_s"])],
            f"{tier}.rung": [str(index) for index in range(len(ladder["rungs"]))],
        }
        for clock in ladder.get("feedback", []):
            posted[f"{tier}.feedback.{clock['stage']}"] = [str(clock["within_s"] // 60)]
        for index, rung in enumerate(ladder["rungs"]):
            at = f"{tier}.{index}"
            who: list[Any] = rung["who"]
            posts: list[dict[str, str]] = [one for one in who if isinstance(one, dict)]
            posted |= {
                f"{at}.who": [one for one in who if isinstance(one, str)],
                f"{at}.post": [*(one["post"] for one in posts), ""],
                f"{at}.post_of": [*(one["of"] for one in posts), "township"],
                f"{at}.channels": rung["channels"],
                f"{at}.tries": [str(rung["tries"])],
                f"{at}.gap_s": [str(rung["gap_s"])],
                f"{at}.wait_s": [str(rung["wait_s"])],
            }
    return posted


def test_what_is_no_number_is_kept_for_the_complaint() -> None:
    fields = Fields({"n": ["12"], "word": ["soon"], "long": ["9" * 30], "minus": ["-1"]})
    assert [fields.number(name) for name in ("n", "word", "long", "minus", "none")] == [
        12,
        "soon",
        "9" * 30,
        "-1",
        "",
    ]


def test_the_difference_names_what_went_and_what_came() -> None:
    changed = parse_book(_text_with(BOOK, deadline_s=240))
    with speaking("en"):
        lines = difference(BOOK, changed)
        assert [line.turn for line in lines] == ["removed", "added"]
        assert "deadline 5 min" in lines[0].text
        assert "deadline 4 min" in lines[1].text
        assert difference(BOOK, BOOK) == []


def _text_with(book: LadderBook, *, deadline_s: int) -> str:
    rules = rules_of(book)
    rules[0]["tiers"]["village"]["deadline_s"] = deadline_s
    data = {**book_to_data(book), "rules": rules}
    return json.dumps(data, ensure_ascii=False)
