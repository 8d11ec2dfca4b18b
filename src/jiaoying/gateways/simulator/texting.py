"""The life of a text: queued, sending, sent, delivered or not; and what people write back."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from jiaoying.gateways.simulator.network import (
    API_VERSION,
    DOCUMENT_INVALID,
    NO_WEBHOOK,
    Network,
)
from jiaoying.gateways.simulator.records import Message, Phone
from jiaoying.gateways.simulator.town import TEXT_SENDING_S, TextPlan, chance, plan_text
from jiaoying.gateways.simulator.twiml import Message as MessageVerb
from jiaoying.gateways.simulator.twiml import TwimlError, parse_twiml
from jiaoying.gateways.simulator.webhooks import Answer, Post

# Twilio's default words, help.twilio.com 223134027; its Chinese users have to add their own.
STOP_WORDS = frozenset({"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"})
START_WORDS = frozenset({"START", "YES", "UNSTOP"})
DEFAULT_VALIDITY_S = 36_000


@dataclass(frozen=True, slots=True)
class NewMessage:
    """A text that somebody asked the carrier to send."""

    number: str
    ours: str
    body: str
    direction: str = "outbound-api"
    callback: str = ""
    service_sid: str | None = None
    valid_for_s: float = DEFAULT_VALIDITY_S
    send_at: datetime | None = None
    silent: bool = False  # accepted, and then nothing


def count_segments(body: str) -> int:
    """Parts of a text: 160/153 characters in the plain alphabet, 70/67 as soon as one is not."""
    units, one, each = (
        (len(body), 160, 153) if body.isascii() else (len(body.encode("utf-16-le")) // 2, 70, 67)
    )
    return 1 if units <= one else -(-units // each)


def shown_status(message: Message, now: datetime) -> str:
    """The status as the API shows it; `sending` is not an event of its own."""
    if message.status == "queued" and now >= message.created + timedelta(seconds=TEXT_SENDING_S):
        return "sending"
    return message.status


class Texting:
    """Carries texts between whoever uses the simulator and the town."""

    def __init__(self, network: Network) -> None:
        self._network = network

    def accept(self, new: NewMessage, moment: datetime) -> Message:
        """Take a text from a user of the API."""
        sid, seq = self._network.records.next_sid("SM")
        message = Message(
            sid=sid,
            seq=seq,
            number=new.number,
            ours=new.ours,
            body=new.body,
            direction=new.direction,
            segments=count_segments(new.body),
            created=moment,
            updated=moment,
            status="queued" if new.send_at is None else "scheduled",
            callback=new.callback,
            service_sid=new.service_sid,
        )
        phone = self._network.records.add_message(message)
        phone.texts_received += 1
        if not new.silent:
            begin = partial(self._begin, message, phone, new.valid_for_s)
            if new.send_at is None:
                begin(moment)
            else:
                self._network.scheduler.at(new.send_at, begin)
        return message

    def cancel(self, message: Message, moment: datetime) -> bool:
        """Take back a text that is only scheduled; False when it is too late for that."""
        if message.status != "scheduled":
            return False
        self._change(message, "canceled", moment)
        return True

    def receive(self, number: str, body: str, moment: datetime, to: str | None = None) -> Message:
        """A person in town sends a text; whoever uses the simulator is told by web hook."""
        phone = self._network.records.look_at(number)
        ours = to or self._network.our_number_for(phone)
        sid, seq = self._network.records.next_sid("SM")
        message = Message(
            sid=sid,
            seq=seq,
            number=number,
            ours=ours,
            body=body,
            direction="inbound",
            segments=count_segments(body),
            created=moment,
            updated=moment,
            status="received",
            sent=moment,
        )
        self._note_opt_out(self._network.records.add_message(message), ours, body)
        self._tell(message, moment)
        return message

    def _begin(self, message: Message, phone: Phone, valid_for_s: float, moment: datetime) -> None:
        if message.status == "canceled":
            return
        message.status = "queued"
        habit = self._network.habit_of(phone).text
        draw = chance(self._network.town.seed, phone.number, "delivery", phone.texts_received)
        plan = plan_text(habit, draw, valid_for_s)
        self._network.scheduler.after(moment, plan.sent_s, partial(self._send, message))
        self._network.scheduler.after(moment, plan.end_s, partial(self._end, message, plan))

    def _send(self, message: Message, moment: datetime) -> None:
        message.sent = moment
        self._change(message, "sent", moment)

    def _end(self, message: Message, plan: TextPlan, moment: datetime) -> None:
        message.ended, message.error_code = moment, plan.error_code
        self._change(message, plan.end_status, moment)
        if plan.reply_s is not None:
            reply = partial(self._reply, message.number, plan.words, message.ours)
            self._network.scheduler.after(moment, plan.reply_s - plan.end_s, reply)

    def _reply(self, number: str, words: str, to: str, moment: datetime) -> None:
        self.receive(number, words, moment, to)

    def _change(self, message: Message, status: str, moment: datetime) -> None:
        message.status = status
        self._network.records.touch(message, moment)
        if message.callback:
            post = Post(message.sid, message.callback, self._status_params(message), moment)
            self._network.report("sms", post)

    def _status_params(self, message: Message) -> dict[str, str]:
        params = {
            "AccountSid": self._network.account_sid,
            "ApiVersion": API_VERSION,
            "From": message.ours,
            "MessageSid": message.sid,
            "MessageStatus": message.status,
            "SmsSid": message.sid,
            "SmsStatus": message.status,
            "To": message.number,
        }
        if message.error_code is not None:
            params["ErrorCode"] = str(message.error_code)
        if message.service_sid is not None:
            params["MessagingServiceSid"] = message.service_sid
        if message.ended is not None:
            params["RawDlrDoneDate"] = message.ended.strftime("%y%m%d%H%M")
        return params

    def _note_opt_out(self, phone: Phone, ours: str, body: str) -> None:
        word = body.strip().upper()
        if word in STOP_WORDS:
            phone.opted_out.add(ours)
        elif word in START_WORDS:
            phone.opted_out.discard(ours)

    def _tell(self, message: Message, moment: datetime) -> None:
        url = self._network.webhooks.message_url
        if not url:
            self._network.records.note(moment, NO_WEBHOOK, message.sid, "no web hook for incoming texts")
            return
        post = Post(
            message.sid, url, self._inbound_params(message), moment, then=partial(self._answered, message)
        )
        self._network.report("sms", post)

    def _inbound_params(self, message: Message) -> dict[str, str]:
        return {
            "AccountSid": self._network.account_sid,
            "ApiVersion": API_VERSION,
            "Body": message.body,
            "From": message.number,
            "FromCity": "",
            "FromCountry": "CN",
            "FromState": "",
            "FromZip": "",
            "MessageSid": message.sid,
            "NumMedia": "0",
            "NumSegments": str(message.segments),
            "SmsMessageSid": message.sid,
            "SmsSid": message.sid,
            "SmsStatus": "received",
            "To": message.ours,
            "ToCity": "",
            "ToCountry": "CN",
            "ToState": "",
            "ToZip": "",
        }

    def _answered(self, message: Message, answer: Answer, moment: datetime) -> None:
        if not answer.ok or not answer.body.strip():
            return
        try:
            verbs = parse_twiml(answer.body)
        except TwimlError as trouble:
            self._network.records.note(moment, DOCUMENT_INVALID, message.sid, str(trouble))
            return
        for verb in verbs:
            if isinstance(verb, MessageVerb):
                number = verb.to or message.number
                self.accept(NewMessage(number, message.ours, verb.text, "outbound-reply"), moment)
