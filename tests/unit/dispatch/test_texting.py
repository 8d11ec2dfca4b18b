"""Which gateway may reach whom."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from jiaoying.dispatch.engine import Engine
from jiaoying.dispatch.store.warnings import WarningRow
from jiaoying.dispatch.texting import gateway_for


def engine(*gateways: tuple[str, bool]) -> Engine:
    known = {name: SimpleNamespace(name=name, live=live) for name, live in gateways}
    return cast("Engine", cast("Any", SimpleNamespace(gateways=known)))


def warning(*, rings: bool) -> WarningRow:
    return cast("WarningRow", cast("Any", SimpleNamespace(rings_real_phones=rings)))


REAL, DRILL = warning(rings=True), warning(rings=False)
BOTH = (("simulator", False), ("twilio", True))


@pytest.mark.parametrize("order", [BOTH, BOTH[::-1]])
def test_a_real_person_is_never_left_to_the_simulator(order: tuple[tuple[str, bool], ...]) -> None:
    assert gateway_for(engine(*order), REAL, demonstration=False) == "twilio"


@pytest.mark.parametrize("order", [BOTH, BOTH[::-1]])
def test_made_up_people_and_drills_never_reach_a_live_carrier(
    order: tuple[tuple[str, bool], ...],
) -> None:
    assert gateway_for(engine(*order), REAL, demonstration=True) == "simulator"
    assert gateway_for(engine(*order), DRILL, demonstration=False) == "simulator"
    assert gateway_for(engine(("twilio", True)), DRILL, demonstration=False) is None
