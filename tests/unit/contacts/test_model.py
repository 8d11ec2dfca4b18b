"""Which ladder a post is called by."""

import pytest

from jiaoying.contacts.model import PostLevel, Tier, tier_of
from jiaoying.dispatch.ladders import model as ladders

COUNTY, TOWNSHIP, VILLAGE = PostLevel.COUNTY, PostLevel.TOWNSHIP, PostLevel.VILLAGE


@pytest.mark.parametrize(
    ("level", "kind", "title", "tier"),
    [
        (COUNTY, "县委书记", None, "county_chief"),
        (COUNTY, "县长", None, "county_chief"),
        (COUNTY, "防汛责任人", "县长", "county_chief"),
        (COUNTY, "防汛抗旱指挥部成员", "公安局政委", "county_chief"),
        (COUNTY, "总指挥", None, "county_chief"),
        (COUNTY, "副总指挥", None, "county_lead"),
        (COUNTY, "双指挥长", None, "county_chief"),
        (COUNTY, "矿山安全指挥部双指挥长", "副县长", "county_chief"),
        (COUNTY, "森林防灭火指挥中心指挥长", None, "county_chief"),
        (COUNTY, "矿山安全指挥部副指挥长", None, "county_lead"),
        (TOWNSHIP, "防汛指挥部指挥长", None, "township"),
        (COUNTY, "县委副书记", None, "county_lead"),
        (COUNTY, "副县长", None, "county_lead"),
        (COUNTY, "防汛责任人", "副县长", "county_lead"),
        (COUNTY, "应急管理局局长", None, "county_lead"),
        (COUNTY, "水务局党组书记", None, "county_lead"),
        (COUNTY, "煤矿包保县领导", None, "county_lead"),
        (COUNTY, "防汛抗旱指挥部办公室主任", None, "county_lead"),
        (COUNTY, "水库行政责任人", None, "village"),
        (TOWNSHIP, "镇长", None, "township"),
        (TOWNSHIP, "党委书记", None, "township"),
        (TOWNSHIP, "水库巡查责任人", None, "village"),
        (TOWNSHIP, "煤矿调度室", None, "village"),
        (VILLAGE, "防汛责任人", "支部书记", "village"),
    ],
)
def test_tier_of(level: PostLevel, kind: str, title: str | None, tier: str) -> None:
    assert tier_of(level, kind, title) == tier


def test_every_tier_of_a_post_is_a_column_of_the_ladders() -> None:
    assert set(Tier) <= set(ladders.Tier)
