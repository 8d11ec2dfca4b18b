"""Asking a peer to prove that it is our own simulator and rings no real telephone."""

import hmac
import secrets

import aiohttp

from jiaoying.gateways.twilio.outcomes import read_object
from jiaoying.storage.database import transaction_open

PROOF_PATH = "/town/proof"
PROOF_S = 5.0


def proof_of(secret: str, nonce: str) -> str:
    """What only a holder of `secret` can answer to `nonce`: HMAC-SHA256 in hex."""
    return hmac.digest(secret.encode(), nonce.encode(), "sha256").hex()


async def prove(base: str, secret: str) -> bool:
    """Whether the peer at `base` holds this installation's secret. False also when it is away."""
    if transaction_open.get():
        raise RuntimeError("a transaction is open while we are about to wait for the simulator")
    nonce = secrets.token_hex(16)
    timeout = aiohttp.ClientTimeout(total=PROOF_S)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout, trust_env=False) as session,
            session.get(
                f"{base.rstrip('/')}{PROOF_PATH}", params={"nonce": nonce}, allow_redirects=False
            ) as response,
        ):
            body = await response.content.read(4096)
            answered = response.status == 200
    except (aiohttp.ClientError, TimeoutError, OSError):
        return False
    proof = (read_object(body) or {}).get("proof")
    if not answered or not isinstance(proof, str):
        return False
    return hmac.compare_digest(proof.encode(), proof_of(secret, nonce).encode())
