"""Who may do what."""

import pytest

from jiaoying.kernel.language import speaking
from jiaoying.web.roles import PERMISSIONS, May, Role, is_allowed, role_name


def test_every_role_has_its_line_and_a_name() -> None:
    assert set(PERMISSIONS) == set(Role)
    for language in ("zh-CN", "en"):
        with speaking(language):
            assert len({role_name(role) for role in Role}) == len(Role)


def test_everybody_may_watch_and_the_desk_may_do_everything() -> None:
    assert all(is_allowed(role, May.WATCH) for role in Role)
    assert all(is_allowed(Role.LEADER, wish) for wish in May)
    assert [wish for wish in May if not is_allowed(Role.OFFICER, wish)] == [
        May.AGREE_TO_SWAPS,
        May.SIGN_REPORTS,
        May.EDIT_REPORT_RULES,
    ]


@pytest.mark.parametrize("role", [Role.KEEPER, Role.TOWNSHIP, Role.INSPECTOR, Role.OPERATOR])
def test_only_the_desk_stands_down_or_starts(role: Role) -> None:
    assert not is_allowed(role, May.STAND_DOWN)
    assert not is_allowed(role, May.START)


@pytest.mark.parametrize("role", [Role.TOWNSHIP, Role.INSPECTOR, Role.OPERATOR])
def test_whole_numbers_are_for_those_who_call(role: Role) -> None:
    assert not is_allowed(role, May.SHOW_NUMBERS)
