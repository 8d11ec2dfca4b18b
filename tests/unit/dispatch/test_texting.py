"""Which gateway may reach whom."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from jiaoying.dispatch.engine import Engine
from jiaoying.dispatch.texting import gateway_for


def engine(*gateways: tuple[str, bool]) -> Engine:
    known = {name: SimpleNamespace(name=name, live=live) for name, live in gateways}
    return cast("Engine", cast("Any", SimpleNamespace(gateways=known)))


BOTH = (("simulator", False), ("twilio", True))


@pytest.mark.parametrize("order", [BOTH, BOTH[::-1]])
def test_a_real_person_is_never_left_to_the_simulator(order: tuple[tuple[str, bool], ...]) -> None:
    assert gateway_for(engine(*order), demonstration=False, exercise=False) == "twilio"


@pytest.mark.parametrize("order", [BOTH, BOTH[::-1]])
def test_made_up_people_and_drills_never_reach_a_live_carrier(
    order: tuple[tuple[str, bool], ...],
) -> None:
    assert gateway_for(engine(*order), demonstration=True, exercise=False) == "simulator"
    assert gateway_for(engine(*order), demonstration=False, exercise=True) == "simulator"
    assert gateway_for(engine(("twilio", True)), demonstration=False, exercise=True) is None
