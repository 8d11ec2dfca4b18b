"""The carriers we know: one line each, and what builds them from the settings."""

import hmac
from collections.abc import Callable

from jiaoying.gateways.base import Gateway, Limits
from jiaoying.gateways.twilio.gateway import TwilioGateway
from jiaoying.kernel.errors import SettingError
from jiaoying.kernel.language import say
from jiaoying.settings import GatewayLimits, Settings, TwilioSettings

PublicUrl = Callable[[], str] | str

# The simulator's own number, from the range that no Chinese telephone has.
SIMULATOR_NUMBER = "+8610000000000"


def simulator_settings(secret: str, base: str) -> TwilioSettings:
    """Where and as whom we speak to our simulator at `base`; both sides make it from the same secret."""
    return TwilioSettings(
        account_sid=f"AC{_derived(secret, 'account')}",
        auth_token=_derived(secret, "token"),
        auth_token_old=None,
        from_number=SIMULATOR_NUMBER,
        api_base=base.rstrip("/"),
    )


def build_gateways(
    settings: Settings,
    *,
    public_url: PublicUrl,
    secrets_simulator: str | None,
    simulator_base: str | None,
) -> dict[str, Gateway]:
    """Every gateway that the settings name, not yet started.

    `secrets_simulator` is the secret of this data directory that our simulator holds too, and
    `simulator_base` its address; both are needed only where the gateway `simulator` is named.
    """

    def twilio(limits: Limits) -> Gateway:
        if settings.twilio is None:
            raise SettingError(say("The gateway twilio is named but has no account: set JIAOYING_TWILIO_…"))
        return TwilioGateway("twilio", settings.twilio, limits, public_url)

    def simulator(limits: Limits) -> Gateway:
        if not secrets_simulator or not simulator_base:
            raise SettingError(
                say("The gateway simulator is named but no simulator runs: start it, or name another gateway")
            )
        peer = simulator_settings(secrets_simulator, simulator_base)
        return TwilioGateway("simulator", peer, limits, public_url, proof_secret=secrets_simulator)

    carriers: dict[str, Callable[[Limits], Gateway]] = {
        "twilio": twilio,
        "simulator": simulator,
    }
    return {name: carriers[name](_limits(settings.limits[name])) for name in settings.gateways}


def _limits(limits: GatewayLimits) -> Limits:
    return Limits(limits.lines, limits.calls_per_s, limits.segments_per_s, limits.number_budget)


def _derived(secret: str, purpose: str) -> str:
    return hmac.digest(secret.encode(), f"simulator {purpose}".encode(), "sha256").hex()[:32]
