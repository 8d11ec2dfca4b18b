"""Whom a rung asks at this moment, and why a role is empty."""

from uuid import uuid4

import pytest

from jiaoying.dispatch.ladders.model import NamedPerson, NamedPost, Rung, Target, Who
from jiaoying.dispatch.naming import Around, Empty, choose_walker, name_people, named_by, walkers
from jiaoying.gateways.base import Channel
from jiaoying.kernel.areas import Level

A, B, C, D, E = (uuid4() for _ in range(5))
FULL = Around(A, B, C, (D,), E)


def rung(*who: Target) -> Rung:
    return Rung(who, (Channel.VOICE,), 1, 60, 60)


def test_each_role_names_who_fills_it_now() -> None:
    roles = (Who.HOLDER, Who.DEPUTY, Who.SUPERIOR, Who.DESK, Who.LEADER)
    named = name_people(rung(*roles), FULL)
    assert named.people == tuple(zip(roles, (A, B, C, D, E), strict=True))
    assert named.empty == ()


@pytest.mark.parametrize(
    ("who", "why"),
    [
        (Who.HOLDER, Empty.VACANT),
        (Who.DEPUTY, Empty.NO_DEPUTY),
        (Who.SUPERIOR, Empty.NO_SUPERIOR),
        (Who.DESK, Empty.NOBODY_ON_DUTY),
        (Who.LEADER, Empty.NO_LEADER),
        (NamedPost("武装部长", Level.TOWNSHIP), Empty.POST_VACANT),
        (NamedPerson(A, "赵演示"), Empty.NOT_ON_ROSTER),
    ],
)
def test_an_empty_role_says_why(who: Target, why: Empty) -> None:
    named = name_people(rung(who), Around())
    assert named.people == ()
    assert [reason for _, reason in named.empty] == [why]


def test_a_named_post_may_have_several_holders_and_a_person_a_newer_record() -> None:
    post, person = NamedPost("网格员", Level.VILLAGE), NamedPerson(A, "赵演示")
    around = Around(posts={post: (B, C)}, persons={A: D})
    assert name_people(rung(post, person), around).people == ((Who.POST, B), (Who.POST, C), (Who.PERSON, D))


def test_the_walk_is_not_among_those_who_answer() -> None:
    named = name_people(rung(Who.DOOR, Who.HOLDER), FULL)
    assert named.people == ((Who.HOLDER, A),)
    assert named_by(Who.DOOR, FULL) == (C,)


def test_the_superior_goes_else_the_officer_else_the_leader() -> None:
    assert walkers(FULL) == (C, D, E)
    assert choose_walker(FULL, A, ()) == C
    assert choose_walker(FULL, A, {C}) == D
    assert choose_walker(Around(officer_ids=(D,), leader_id=E), A, ()) == D
    assert choose_walker(FULL, A, {C, D, E}) is None


def test_nobody_is_sent_to_their_own_door() -> None:
    assert choose_walker(Around(superior_id=A, officer_ids=(D,)), A, ()) == D
