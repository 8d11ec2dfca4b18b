"""Proof by signature: `X-Jiaoying-Signature: t=<unix seconds>,v1=<hex of HMAC-SHA256 over "t.body">`. Pure.

The moment is signed too, and an old one is refused. Within the window a repetition changes nothing: intake
recognises the message.
"""

import hmac
import re
from datetime import datetime
from hashlib import sha256

from jiaoying.kernel.language import say

HEADER = "X-Jiaoying-Signature"
WINDOW_S = 300
LONGEST_HEADER = 1000
_MOMENT = re.compile(r"[0-9]{1,12}")


def signature_of(secret: str, body: bytes, wall: datetime) -> str:
    """The value of the header for `body`, signed at `wall`."""
    moment = str(int(wall.timestamp()))
    return f"t={moment},v1={_digest(secret, moment, body)}"


def refuse_moment(header: str, wall: datetime) -> str | None:
    """Why a header cannot be right whatever it signs, or None. Asked before the body is read."""
    moment, digests = _parts(header)
    if moment is None or not digests:
        return say("Write the header {header} as t=<unix seconds>,v1=<hex>", header=HEADER)
    if abs(int(moment) - wall.timestamp()) > WINDOW_S:
        return say(
            "The signature is more than {minutes} minutes old or ahead: check the clock of the program",
            minutes=WINDOW_S // 60,
        )
    return None


def refuse_signature(header: str, secret: str, body: bytes, wall: datetime) -> str | None:
    """Why `header` does not prove that whoever knows `secret` sent `body` just now, or None."""
    reason = refuse_moment(header, wall)
    if reason is not None:
        return reason
    moment, digests = _parts(header)
    right = _digest(secret, moment or "", body)
    # Several are allowed, for a program that is given a new secret.
    if any(hmac.compare_digest(right.encode(), one.encode()) for one in digests):
        return None
    return say("The signature does not fit the body: sign it with the secret of this source")


def _parts(header: str) -> tuple[str | None, list[str]]:
    pairs = [part.strip().partition("=") for part in header[:LONGEST_HEADER].split(",")]
    moments = [value for name, _, value in pairs if name == "t" and _MOMENT.fullmatch(value)]
    digests = [value.lower() for name, _, value in pairs if name == "v1" and value]
    return (moments[0] if len(moments) == 1 else None), digests


def _digest(secret: str, moment: str, body: bytes) -> str:
    return hmac.new(secret.encode(), moment.encode() + b"." + body, sha256).hexdigest()
