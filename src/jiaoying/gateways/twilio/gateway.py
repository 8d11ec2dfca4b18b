"""A carrier that speaks Twilio's REST API, seen through our protocol."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from urllib.parse import quote, quote_plus, urlencode
from uuid import UUID

from multidict import MultiDict
from yarl import URL

from jiaoying.gateways.base import (
    CannotTell,
    Channel,
    Found,
    HandOver,
    Limits,
    NotFound,
    Outcome,
    Reconciled,
    Refused,
    Report,
    Scope,
)
from jiaoying.gateways.twilio import listing
from jiaoying.gateways.twilio.addresses import CallbackAddresses
from jiaoying.gateways.twilio.client import CONNECT_S, CONNECTIONS, READ_S, TwilioClient
from jiaoying.gateways.twilio.outcomes import Answer, outcome_of, read_object
from jiaoying.gateways.twilio.proof import prove
from jiaoying.gateways.twilio.webhooks import call_report, is_signed, message_report
from jiaoying.kernel.errors import SettingError
from jiaoying.kernel.language import say
from jiaoying.settings import TwilioSettings

RING_S = 45
LONGEST_VALIDITY_S = 36_000
PAGE_SIZE = 100
MOST_PAGES = 5
_EVENTS = "".join(
    f"&StatusCallbackEvent={event}" for event in ("initiated", "ringing", "answered", "completed")
)


class TwilioGateway:
    """Hands over texts and calls, looks for those in doubt, and checks what is posted to us.

    With `proof_secret` the peer must prove at start that it is our simulator, and only then `live` is
    False; without it real telephones ring and demonstration hand-overs are refused.
    """

    def __init__(
        self,
        name: str,
        settings: TwilioSettings,
        limits: Limits,
        public_url: Callable[[], str] | str,
        *,
        proof_secret: str | None = None,
        connections: int = CONNECTIONS,
        connect_s: float = CONNECT_S,
        read_s: float = READ_S,
    ) -> None:
        self._name = name
        self._settings = settings
        self._limits = limits
        self._public_url = public_url
        self._proof_secret = proof_secret
        self._proved = False
        self._client = TwilioClient(settings, connections=connections, connect_s=connect_s, read_s=read_s)
        self._from = f"&From={quote_plus(settings.from_number)}"

    @property
    def name(self) -> str:
        return self._name

    @property
    def limits(self) -> Limits:
        return self._limits

    @property
    def live(self) -> bool:
        return not self._proved

    @property
    def connections(self) -> int:
        """How many hand-overs may be under way at once."""
        return self._client.connections

    @property
    def account_sid(self) -> str:
        """The account that callbacks must name."""
        return self._settings.account_sid

    @cached_property
    def addresses(self) -> CallbackAddresses:
        """The addresses that the carrier calls back, below the public address."""
        url = self._public_url if isinstance(self._public_url, str) else self._public_url()
        return CallbackAddresses(url, self._tokens)

    @cached_property
    def _tokens(self) -> tuple[str, ...]:
        old = self._settings.auth_token_old
        return (self._settings.auth_token, *([old] if old else []))

    async def start(self) -> None:
        """Open the connections; a simulator is put to the proof first.

        Raises SettingError when the peer of the gateway `simulator` is not our simulator.
        """
        if self._name == "simulator":
            self._proved = bool(self._proof_secret) and await prove(
                self._settings.api_base, self._proof_secret or ""
            )
            if not self._proved:
                raise SettingError(
                    say(
                        "The server at {address} did not prove to be this installation's simulator:"
                        " start the simulator with the same JIAOYING_DATA_DIR",
                        address=self._settings.api_base,
                    )
                )
        await self._client.start()

    async def stop(self) -> None:
        """Close the connections."""
        await self._client.stop()

    async def hand_over(self, item: HandOver) -> Outcome:
        """Give one attempt to the carrier; the answer is a value whatever the peer does."""
        if item.demonstration and self.live:
            text = say("a made-up person is called through the simulator only")
            return Refused(Scope.RECIPIENT, "demonstration", text)
        if item.drill and self.live:
            text = say("a drill rings real telephones only where two persons agreed to it")
            return Refused(Scope.RECIPIENT, "drill", text)
        if item.channel is Channel.SMS:
            heard = await self._client.post(self._messages, self._text_form(item))
        else:
            heard = await self._client.post(self._calls, self._call_form(item))
        return outcome_of(heard) if isinstance(heard, Answer) else heard

    async def reconcile(self, item: HandOver, since: datetime, known_refs: Sequence[str]) -> Reconciled:
        """Look through the carrier's list of this number; the oldest that fits is taken.

        Texts are told apart by their words, calls only by their moment. Calls are not filtered by
        StartTime, because a call that still waits at the carrier has none.
        """
        address: URL | None = self._list_address(item)
        found: list[listing.Listed] = []
        for _ in range(MOST_PAGES):
            page = await self._page(address, item.channel)
            if isinstance(page, CannotTell):
                return page
            found.extend(listing.candidates(page, item, since, known_refs))
            if page.next_path is None or listing.reaches_before(page, since):
                oldest = min(found, key=lambda listed: listed.created_at, default=None)
                return Found(oldest.ref) if oldest else NotFound()
            address = self._client.page_address(page.next_path)
        return CannotTell(say("the carrier lists too much for this number"))

    async def hang_up(self, ref: str) -> bool:
        """End a call, or cancel a text that the carrier still holds."""
        if _is_text(ref):
            heard = await self._client.post(self._one("Messages", ref), b"Status=canceled")
        else:
            # `completed` ends a call that talks and one that still rings or waits.
            heard = await self._client.post(self._one("Calls", ref), b"Status=completed")
        return isinstance(heard, Answer) and heard.status == 200

    async def look_up(self, ref: str) -> Report | None:
        """What the carrier says now of one hand-over, or None when it cannot be heard."""
        heard = await self._client.get(self._one("Messages" if _is_text(ref) else "Calls", ref))
        payload = read_object(heard.body) if isinstance(heard, Answer) and heard.status == 200 else None
        status = payload.get("status") if payload else None
        if payload is None or not isinstance(status, str):
            return None
        if _is_text(ref):
            return message_report(ref, status, str(payload.get("error_code") or ""))
        who = str(payload.get("answered_by") or "")
        return call_report(ref, status, str(payload.get("duration") or ""), answered_by=who)

    def is_signed(self, path_and_query: str, form: MultiDict[str], headers: Mapping[str, str]) -> bool:
        """Whether this carrier signed what was posted to the raw `path_and_query`."""
        return is_signed(self.addresses.public_url + path_and_query, form, headers, self._tokens)

    def attempt_in(self, query: Mapping[str, str]) -> UUID | None:
        """The attempt that a callback's address names, if its token is ours."""
        return self.addresses.attempt_in(query)

    @cached_property
    def _messages(self) -> URL:
        return self._client.address("Messages.json")

    @cached_property
    def _calls(self) -> URL:
        return self._client.address("Calls.json")

    def _one(self, resource: str, ref: str) -> URL:
        return self._client.address(f"{resource}/{quote(ref, safe='')}.json")

    def _text_form(self, item: HandOver) -> bytes:
        status = self.addresses.quoted("message-status", item.attempt_id)
        validity = min(max(item.valid_for_s, 1), LONGEST_VALIDITY_S)
        return (
            f"To={quote_plus(item.number)}{self._from}&Body={quoted_text(item.text)}"
            f"&StatusCallback={status}&ValidityPeriod={validity}"
        ).encode()

    def _call_form(self, item: HandOver) -> bytes:
        number, extension = _split_extension(item.number)
        # Two pauses of half a second, so that the switchboard listens when the digits come.
        digits = f"&SendDigits=ww{quote_plus(extension)}" if extension else ""
        # Beside the call, not before it: who waits for the verdict keeps a person in silence for seconds.
        # A switchboard is a machine and says nothing of the person behind it.
        who = self.addresses.quoted("picked-up", item.attempt_id)
        detection = f"&MachineDetection=Enable&AsyncAmd=true&AsyncAmdStatusCallback={who}"
        voice = self.addresses.quoted("voice", item.attempt_id)
        status = self.addresses.quoted("call-status", item.attempt_id)
        return (
            f"To={quote_plus(number)}{self._from}&Url={voice}"
            f"&StatusCallback={status}{_EVENTS}&Timeout={RING_S}{digits or detection}"
        ).encode()

    def _list_address(self, item: HandOver) -> URL:
        resource = "Messages" if item.channel is Channel.SMS else "Calls"
        number, _ = _split_extension(item.number)
        query = urlencode({"To": number, "From": self._settings.from_number, "PageSize": PAGE_SIZE})
        return self._client.address(f"{resource}.json?{query}")

    async def _page(self, address: URL, channel: Channel) -> listing.ListPage | CannotTell:
        heard = await self._client.get(address)
        if not isinstance(heard, Answer):
            return CannotTell(heard.text)
        page = listing.read_page(heard.body, channel) if heard.status == 200 else None
        if page is None:
            return CannotTell(say("the carrier answered with HTTP {status}", status=heard.status))
        return page


class _QuotedSigns(dict[str, str]):
    """Each sign of a text as a form has it, once looked up."""

    def __missing__(self, sign: str) -> str:
        quoted = self[sign] = quote_plus(sign)
        return quoted


_quoted_signs = _QuotedSigns()


def quoted_text(text: str) -> str:
    """`quote_plus` for Chinese: that goes byte by byte, and a text has six hundred."""
    return "".join(map(_quoted_signs.__getitem__, text))


def _is_text(ref: str) -> bool:
    return ref.startswith(("SM", "MM"))


def _split_extension(number: str) -> tuple[str, str]:
    """`+863560000000;ext=12` as the number and the digits to send once it answers."""
    plain, _, extension = number.partition(";ext=")
    return plain, extension
