"""The addresses that we give the carrier to call back, each with our attempt and a token for it.

A signature does not stop an old callback from being sent again, and anybody may guess an id. The
token binds an address to an attempt; it is made from the account's token, so nothing is stored.
"""

import hmac
from collections.abc import Mapping, Sequence
from urllib.parse import quote, urlencode
from uuid import UUID

PATH = "/callbacks/twilio"
TOKEN_LENGTH = 32  # hex digits: 128 bits


def attempt_token(secret: str, attempt_id: UUID) -> str:
    """The token of one attempt: HMAC-SHA256 of its id, cut to 32 hex digits."""
    return hmac.digest(secret.encode(), str(attempt_id).encode(), "sha256").hex()[:TOKEN_LENGTH]


class CallbackAddresses:
    """Makes and checks addresses below one public address.

    `secrets` are the account's token and, while it is being changed, the one before.
    """

    def __init__(self, public_url: str, secrets: Sequence[str]) -> None:
        self.public_url = public_url.rstrip("/")
        self._secrets = tuple(secrets)
        self._quoted: dict[str, str] = {}

    def of(self, name: str, attempt_id: UUID | None, **more: int) -> str:
        """The address `name` (`voice`, `gather`, …) for one attempt, or for none that we know."""
        query: dict[str, object] = dict(more)
        if attempt_id:
            query = {"attempt": attempt_id, "token": self._token(attempt_id), **more}
        return f"{self.public_url}{PATH}/{name}?{urlencode(query)}"

    def quoted(self, name: str, attempt_id: UUID) -> str:
        """`of`, ready to stand in a form. Only what differs is encoded anew for each attempt."""
        start = self._quoted.get(name)
        if start is None:
            start = quote(f"{self.public_url}{PATH}/{name}?attempt=", safe="")
            self._quoted[name] = start
        return f"{start}{attempt_id}%26token%3D{self._token(attempt_id)}"

    def attempt_in(self, query: Mapping[str, str]) -> UUID | None:
        """The attempt that an address names, or None when it names none or its token is not ours."""
        try:
            attempt_id = UUID(query.get("attempt", ""))
        except ValueError:
            return None
        token = query.get("token", "").encode()
        known = [attempt_token(secret, attempt_id).encode() for secret in self._secrets]
        return attempt_id if any(hmac.compare_digest(token, ours) for ours in known) else None

    def _token(self, attempt_id: UUID) -> str:
        return attempt_token(self._secrets[0], attempt_id)
