"""One HTTP session towards the carrier's REST API.

Not the library's own client: twilio 9.13 ignores its timeout, opens a session for each client and
posts again on 5xx, which would ring a person three times.
"""

import asyncio
import base64

import aiohttp
from yarl import URL

from jiaoying.gateways.base import Ambiguous, Unreachable
from jiaoying.gateways.twilio.outcomes import Answer
from jiaoying.kernel.language import say
from jiaoying.settings import TwilioSettings
from jiaoying.storage.database import transaction_open

# A hundred hand-overs of each channel may be under way, so that none waits for a connection.
CONNECTIONS = 200
CONNECT_S = 5.0
READ_S = 15.0
LARGEST_ANSWER = 4 * 1024 * 1024
API_VERSION = "2010-04-01"

Heard = Answer | Unreachable | Ambiguous


class TwilioClient:
    """Posts and gets below one account; what the peer does comes back as a value."""

    def __init__(
        self,
        settings: TwilioSettings,
        *,
        connections: int = CONNECTIONS,
        connect_s: float = CONNECT_S,
        read_s: float = READ_S,
    ) -> None:
        self.connections = connections
        self._base = settings.api_base.rstrip("/")
        self._account = f"{self._base}/{API_VERSION}/Accounts/{settings.account_sid}"
        credentials = f"{settings.account_sid}:{settings.auth_token}".encode()
        self._headers = {
            "Authorization": f"Basic {base64.b64encode(credentials).decode()}",
            "Accept": "application/json",
            "Content-Type": "application/x-www-form-urlencoded",
            "User-Agent": "jiaoying",
        }
        # Never `total`: it would not say whether the request had left.
        self._timeout = aiohttp.ClientTimeout(
            # Looking up the name and waiting for a free connection too: surely nothing was sent.
            connect=2 * connect_s,
            total=None,
            sock_connect=connect_s,
            sock_read=read_s,
        )
        self._read_s = read_s
        self._session: aiohttp.ClientSession | None = None

    async def start(self) -> None:
        """Open the session. Nothing is asked of the peer yet."""
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=self.connections, keepalive_timeout=15),
            headers=self._headers,
            timeout=self._timeout,
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,
        )

    async def stop(self) -> None:
        """Close the session and its connections."""
        session, self._session = self._session, None
        if session:
            await session.close()

    def address(self, resource: str) -> URL:
        """The address of `resource` (`Messages.json`) of our account."""
        return URL(f"{self._account}/{resource}", encoded=True)

    def page_address(self, path: str) -> URL:
        """The address of a further page, which the carrier names by its path on the same host."""
        return URL(f"{self._base}{path}", encoded=True)

    async def post(self, address: URL, body: bytes) -> Heard:
        """Post a form once; never again by itself."""
        return await self._ask("POST", address, body)

    async def get(self, address: URL) -> Heard:
        """Read a resource."""
        return await self._ask("GET", address, None)

    async def _ask(self, method: str, address: URL, body: bytes | None) -> Heard:
        session = self._session_outside_transactions()
        try:
            # A redirect is not followed: it would hand our credentials and the text to somebody else.
            async with session.request(method, address, data=body, allow_redirects=False) as response:
                content = await self._read(response)
                if content is None:
                    return Ambiguous(say("the carrier's answer is too long"))
                return Answer(response.status, content, response.headers.get("Retry-After"))
        except (aiohttp.ConnectionTimeoutError, aiohttp.ClientConnectorError, aiohttp.InvalidURL) as error:
            text = say("no connection to the carrier ({reason})", reason=type(error).__name__)
            return Unreachable(text)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            text = say("the carrier's answer did not come ({reason})", reason=type(error).__name__)
            return Ambiguous(text)

    def _session_outside_transactions(self) -> aiohttp.ClientSession:
        """The open session; a caller that holds a transaction is a defect and is stopped here.

        A transaction that waits for a carrier keeps a connection and its row locks for many seconds.
        """
        if transaction_open.get():
            raise RuntimeError("a transaction is open while we are about to wait for a carrier")
        if self._session is None:
            raise RuntimeError("the gateway was asked before start()")
        return self._session

    async def _read(self, response: aiohttp.ClientResponse) -> bytes | None:
        """The body, or None beyond the largest that we read. A trickling peer is cut off."""
        content = b""
        async with asyncio.timeout(self._read_s):
            async for chunk in response.content.iter_any():
                content += chunk
                if len(content) > LARGEST_ANSWER:
                    return None
        return content
