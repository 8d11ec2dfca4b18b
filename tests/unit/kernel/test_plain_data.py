from enum import StrEnum

import pytest

from jiaoying.kernel.errors import Refusal
from jiaoying.kernel.plain_data import MAX_TEXT_LENGTH, DataReader, load_yaml


class Fruit(StrEnum):
    PEAR = "pear"
    PLUM = "plum"


def _bomb() -> str:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9)]
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a: b: c", "第 1 行：mapping values are not allowed here"),
        ("[" * 5000, "不是 YAML"),
        ("a: \x00", "不是 YAML"),
        ("# " + "x" * MAX_TEXT_LENGTH, "超过 200000 字"),
        (_bomb(), "锚点"),
    ],
)
def test_what_cannot_be_taken_is_refused_with_its_place(text: str, told: str) -> None:
    with pytest.raises(Refusal, match=told):
        load_yaml(text)


def test_everything_wrong_is_told_at_once_and_at_its_place() -> None:
    reader = DataReader("shop", strict=True)
    data = reader.mapping({"fruit": ["pear", "nut"], "colour": 1, "x-note": "mine"}, "shop", ["fruit"])
    assert reader.words(Fruit, data["fruit"], "shop.fruit") == (Fruit.PEAR,)
    assert reader.number(True, "shop.count", 0, 9) is None
    assert reader.text(" ", "shop.name", 10) == ""
    assert [complaint.field for complaint in reader.complaints] == [
        "shop",
        "shop.fruit",
        "shop.count",
        "shop.name",
    ]


def test_what_a_newer_release_stored_may_hold_more() -> None:
    reader = DataReader("shop")
    reader.mapping({"later": 1}, "shop", ["fruit"])
    assert reader.complaints == []
