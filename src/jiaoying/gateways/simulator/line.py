"""One telephone line while a call is on it, and what the carrier posts about it."""

from dataclasses import dataclass, field
from datetime import datetime

from jiaoying.gateways.simulator.network import API_VERSION, mail_date
from jiaoying.gateways.simulator.records import Call
from jiaoying.gateways.simulator.scheduler import Timer
from jiaoying.gateways.simulator.town import CallPlan
from jiaoying.gateways.simulator.twiml import Gather, Verb


@dataclass(slots=True)
class Line:
    """The verbs that are being heard, the question that is open, the timers that are running."""

    plan: CallPlan = field(default_factory=CallPlan)
    verbs: tuple[Verb, ...] = ()
    place: int = 0
    base_url: str = ""
    step: int = 0  # changes with what is heard; an answer from the web for an older step comes too late
    gather: Gather | None = None
    digits: str = ""
    habit_keys_planned: bool = False
    documents: int = 0  # fetched on this line
    step_timers: list[Timer] = field(default_factory=list[Timer])
    habit_timers: list[Timer] = field(default_factory=list[Timer])
    network_timers: list[Timer] = field(default_factory=list[Timer])

    def next_step(self) -> int:
        """Leave what was heard until now."""
        cancel_all(self.step_timers)
        self.gather, self.digits = None, ""
        self.step += 1
        return self.step

    def drop_all(self) -> None:
        """Nothing planned on this line happens any more."""
        for timers in (self.step_timers, self.habit_timers, self.network_timers):
            cancel_all(timers)


def cancel_all(timers: list[Timer]) -> None:
    """Take all of them off the plan."""
    for timer in timers:
        timer.cancel()
    timers.clear()


def call_params(call: Call, account_sid: str, status: str) -> dict[str, str]:
    """What every request about a call carries."""
    sender, receiver = (call.number, call.ours) if call.inbound else (call.ours, call.number)
    params = {
        "AccountSid": account_sid,
        "ApiVersion": API_VERSION,
        "CallSid": call.sid,
        "CallStatus": status,
        "Called": receiver,
        "Caller": sender,
        "Direction": call.direction,
        "From": sender,
        "To": receiver,
    }
    if call.answered_by is not None:
        params["AnsweredBy"] = call.answered_by
    return params


def progress_params(call: Call, account_sid: str, status: str, moment: datetime) -> dict[str, str]:
    """What a progress report carries on top; numbered in the order in which they are sent."""
    params = call_params(call, account_sid, status)
    params["CallbackSource"] = "call-progress-events"
    params["SequenceNumber"] = str(call.callbacks_sent)
    params["Timestamp"] = mail_date(moment)
    if call.over:
        params["CallDuration"] = str(call.seconds)
        params["Duration"] = str(-(-call.seconds // 60))
        params["SipResponseCode"] = str(call.sip_code)
    return params
