"""Building what the settings name."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from jiaoying.gateways.base import Gateway, Limits
from jiaoying.gateways.registry import build_gateways, simulator_settings
from jiaoying.kernel.budgets import USUAL_BUDGET
from jiaoying.kernel.errors import SettingError
from jiaoying.settings import read_settings

TWILIO = {
    "JIAOYING_GATEWAYS": "twilio,simulator",
    "JIAOYING_TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
    "JIAOYING_TWILIO_AUTH_TOKEN": "t" * 32,
    "JIAOYING_TWILIO_FROM": "+15005550006",
}


def built(environment: Mapping[str, str], folder: Path, secret: str | None = "s" * 32) -> dict[str, Gateway]:
    settings = read_settings(environment, folder)
    return build_gateways(
        settings,
        public_url="https://yujing.example.cn",
        secrets_simulator=secret,
        simulator_base="http://127.0.0.1:9000",
    )


def test_each_named_gateway_with_its_limits(tmp_path: Path) -> None:
    gateways = built(TWILIO, tmp_path)
    assert list(gateways) == ["twilio", "simulator"]
    assert gateways["twilio"].limits == Limits(2, 1, 1, USUAL_BUDGET)
    assert gateways["simulator"].limits == Limits(30, 10, 100, USUAL_BUDGET)


def test_a_gateway_is_live_until_its_peer_proves_otherwise(tmp_path: Path) -> None:
    assert all(gateway.live for gateway in built(TWILIO, tmp_path).values())


def test_a_simulator_without_a_secret_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="simulator"):
        built({}, tmp_path, secret=None)


def test_both_sides_of_the_simulator_derive_the_same_account() -> None:
    ours, theirs = (
        simulator_settings("s", "http://127.0.0.1:1/"),
        simulator_settings("s", "http://127.0.0.1:1"),
    )
    assert ours == theirs
    assert ours.account_sid.startswith("AC")
    assert len(ours.account_sid) == 34
    assert simulator_settings("other", "http://127.0.0.1:1").auth_token != ours.auth_token
