"""The life of a call: queued, ringing, in progress, and how it ends; what is heard and what is pressed."""

from datetime import datetime
from functools import partial
from urllib.parse import urljoin

from jiaoying.gateways.simulator.habits import KEYS
from jiaoying.gateways.simulator.line import Line, call_params, cancel_all, progress_params
from jiaoying.gateways.simulator.network import DOCUMENT_INVALID, TYPE_INVALID, WEBHOOK_FAILED, Network
from jiaoying.gateways.simulator.records import Call, Phone
from jiaoying.gateways.simulator.texting import NewMessage, Texting
from jiaoying.gateways.simulator.town import (
    CALL_INITIATED_S,
    CALL_RINGING_S,
    KEY_GAP_S,
    RING_BUFFER_S,
    CallPlan,
    plan_call,
)
from jiaoying.gateways.simulator.twiml import (
    Gather,
    Hangup,
    Message,
    Pause,
    Play,
    Redirect,
    Reject,
    Say,
    Strange,
    TwimlError,
    Verb,
    parse_twiml,
)
from jiaoying.gateways.simulator.webhooks import Answer, Post

DETECTION_S = 3.5  # how long it takes to tell a machine from a person
MOST_DOCUMENTS = 200
SPOKEN_ERROR = "An application error has occurred. Goodbye."


class Calling:
    """Carries calls between whoever uses the simulator and the town."""

    def __init__(self, network: Network, texting: Texting) -> None:
        self._network = network
        self._texting = texting
        self._lines: dict[str, Line] = {}

    def accept(self, call: Call, moment: datetime) -> None:
        """Take a call from a user of the API. A silent one is taken and never begun."""
        phone = self._network.records.add_call(call)
        phone.calls_received += 1
        if call.silent:
            return
        line = self._lines[call.sid] = Line()
        later = self._network.scheduler.after
        line.network_timers.append(later(moment, CALL_INITIATED_S, partial(self._dial, call)))

    def ring_us(self, number: str, to: str, keys: str, key_after_s: float, moment: datetime) -> Call | None:
        """A person in town rings; None while their line is taken."""
        phone = self._network.records.look_at(number)
        if phone.line is not None:
            return None
        sid, seq = self._network.records.next_sid("CA")
        call = Call(
            sid, seq, number, to, "inbound", moment, moment, "ringing", url=self._network.webhooks.voice_url
        )
        call.started = call.rang = moment
        self._network.records.add_call(call).line = call
        self._lines[sid] = Line(CallPlan(keys=keys, key_after_s=key_after_s))
        if call.url:
            self._fetch(call, call.url, "POST", {}, moment)
        else:
            self._end(call, "failed", moment, by="network", sip_code=404)
        return call

    def pick_up(self, call: Call, moment: datetime, *, by_hand: bool = False) -> bool:
        """The telephone is picked up; False when it does not ring."""
        if call.status != "ringing" or call.inbound:
            return False
        line = self._lines[call.sid]
        cancel_all(line.network_timers)
        if by_hand:
            call.by_hand = True
            cancel_all(line.habit_timers)
        call.status, call.answered = "in-progress", moment
        if line.plan.words and not by_hand:
            call.said.append(line.plan.words)
        too_long = partial(self._end, call, "completed", by="network")
        line.network_timers.append(self._network.scheduler.after(moment, call.time_limit_s, too_long))
        self._progress(call, "answered", moment)
        self._detect_machine(call, line, moment)
        return True

    def press(self, call: Call, keys: str, moment: datetime) -> bool:
        """Keys are pressed by hand; False when nobody talks or a key does not exist."""
        if call.over or call.answered is None or not KEYS.issuperset(keys):
            return False
        call.by_hand = True
        cancel_all(self._lines[call.sid].habit_timers)
        for key in keys:
            self._press(call, key, moment)
        return True

    def hang_up(self, call: Call, moment: datetime) -> bool:
        """The person hangs up, or declines while it rings; False when there is no call any more."""
        if call.over or call.status == "queued":
            return False
        if call.status == "in-progress":
            self._end(call, "completed", moment, by="phone")
        elif call.inbound:
            self._end(call, "canceled", moment, by="phone", sip_code=487)
        else:
            self._end(call, "busy", moment, by="phone", sip_code=603)
        return True

    def stop(self, call: Call, moment: datetime) -> None:
        """The user of the API ends the call: completed if it was answered, else canceled."""
        answered = call.status == "in-progress"
        self._end(
            call, "completed" if answered else "canceled", moment, by="us", sip_code=200 if answered else 487
        )

    def redirect(self, call: Call, url: str, method: str, twiml: str, moment: datetime) -> None:
        """The user of the API gives a talking telephone something else to hear."""
        if call.status != "in-progress":
            call.url, call.method, call.twiml = url or call.url, method, twiml
        else:
            self._begin_document(call, url, method, twiml, moment)

    def _dial(self, call: Call, moment: datetime) -> None:
        phone = self._network.records.phone(call.number)
        line = self._lines[call.sid]
        habit = self._network.habit_of(phone).call
        line.plan = plan_call(habit, line_taken=phone.line is not None)
        call.started = moment
        self._progress(call, "initiated", moment)
        later = self._network.scheduler.after
        if line.plan.fails_as is not None:
            fail = partial(self._end, call, line.plan.fails_as, by="network", sip_code=line.plan.sip_code)
            line.network_timers.append(later(moment, line.plan.fails_s, fail))
            return
        phone.line = call
        ring_s = CALL_RINGING_S - CALL_INITIATED_S
        line.network_timers.append(later(moment, ring_s, partial(self._ring, call)))

    def _ring(self, call: Call, moment: datetime) -> None:
        line, later = self._lines[call.sid], self._network.scheduler.after
        call.status, call.rang = "ringing", moment
        self._progress(call, "ringing", moment)
        no_answer = partial(self._end, call, "no-answer", by="network", sip_code=487)
        line.network_timers.append(later(moment, call.timeout_s + RING_BUFFER_S, no_answer))
        if line.plan.answer_s is not None:
            line.habit_timers.append(later(moment, line.plan.answer_s, partial(self._answered, call)))

    def _answered(self, call: Call, moment: datetime) -> None:
        if not self.pick_up(call, moment):
            return
        line = self._lines[call.sid]
        if line.plan.hang_up_s is not None:
            cut = partial(self._end, call, "completed", by="phone")
            line.habit_timers.append(self._network.scheduler.after(moment, line.plan.hang_up_s, cut))

    def _detect_machine(self, call: Call, line: Line, moment: datetime) -> None:
        if not call.machine_detection:
            self._begin_document(call, call.url, call.method, call.twiml, moment)
            return
        later = self._network.scheduler.after
        who = "human" if call.by_hand else line.plan.who
        line.network_timers.append(later(moment, DETECTION_S, partial(self._detected, call, who)))
        if call.async_detection_url:
            self._begin_document(call, call.url, call.method, call.twiml, moment)

    def _detected(self, call: Call, who: str, moment: datetime) -> None:
        call.answered_by = who
        if not call.async_detection_url:
            self._begin_document(call, call.url, call.method, call.twiml, moment)
            return
        params = call_params(call, self._network.account_sid, call.status)
        params["MachineDetectionDuration"] = str(int(DETECTION_S * 1000))
        self._network.report("voice", Post(call.sid, call.async_detection_url, params, moment))

    def _begin_document(self, call: Call, url: str, method: str, twiml: str, moment: datetime) -> None:
        if twiml and not url:
            self._lines[call.sid].next_step()
            self._follow(call, "", twiml.encode(), moment)
        else:
            self._fetch(call, url, method, {}, moment)

    def _fetch(self, call: Call, url: str, method: str, extra: dict[str, str], moment: datetime) -> None:
        line = self._lines[call.sid]
        step = line.next_step()
        line.documents += 1
        if line.documents > MOST_DOCUMENTS:
            self._break_off(
                call, DOCUMENT_INVALID, f"more than {MOST_DOCUMENTS} documents in one call", moment
            )
            return
        params = call_params(call, self._network.account_sid, call.status) | extra
        then = partial(self._fetched, call, url, step)
        self._network.pool.submit(Post(call.sid, url, params, moment, method, then))

    def _fetched(self, call: Call, url: str, step: int, answer: Answer, moment: datetime) -> None:
        if call.over or self._lines[call.sid].step != step:
            return
        if not answer.ok:
            self._fall_back(call, url, answer.error or f"HTTP {answer.status}", moment)
        elif "xml" not in answer.content_type and "html" not in answer.content_type:
            self._break_off(call, TYPE_INVALID, f"{url}: {answer.content_type}", moment)
        else:
            self._follow(call, url, answer.body, moment)

    def _fall_back(self, call: Call, url: str, trouble: str, moment: datetime) -> None:
        self._network.records.note(moment, WEBHOOK_FAILED, call.sid, f"{url}: {trouble}")
        if call.fallback_url and url != call.fallback_url:
            extra = {"ErrorCode": str(WEBHOOK_FAILED), "ErrorUrl": url}
            self._fetch(call, call.fallback_url, "POST", extra, moment)
        else:
            self._speak_error(call, moment)

    def _follow(self, call: Call, base_url: str, document: bytes, moment: datetime) -> None:
        try:
            verbs = parse_twiml(document)
        except TwimlError as trouble:
            self._break_off(call, DOCUMENT_INVALID, str(trouble), moment)
            return
        line = self._lines[call.sid]
        line.verbs, line.place, line.base_url = verbs, 0, base_url
        if call.inbound and call.answered is None:
            if verbs and isinstance(verbs[0], Reject):
                self._end(
                    call, "busy" if verbs[0].reason == "busy" else "no-answer", moment, by="us", sip_code=486
                )
                return
            call.status, call.answered = "in-progress", moment
        self._next(call, moment)

    def _next(self, call: Call, moment: datetime) -> None:
        line = self._lines[call.sid]
        line.next_step()
        while line.place < len(line.verbs):
            verb = line.verbs[line.place]
            line.place += 1
            if self._begin_verb(call, line, verb, moment):
                return
        self._end(call, "completed", moment, by="us")

    def _begin_verb(self, call: Call, line: Line, verb: Verb, moment: datetime) -> bool:
        """Whether the call stays with this verb for a while (or for good)."""
        match verb:
            case Say() | Pause() | Play():
                self._hear(call, verb, moment)
                after = self._network.scheduler.after(moment, verb.seconds, partial(self._next, call))
                line.step_timers.append(after)
            case Gather():
                self._ask(call, line, verb, moment)
            case Redirect():
                self._go_to(call, line, verb.url, verb.method, {}, moment)
            case Hangup() | Reject():
                self._end(call, "completed", moment, by="us")
            case Message():
                new = NewMessage(verb.to or call.number, call.ours, verb.text, "outbound-reply")
                self._texting.accept(new, moment)
                return False
            case Strange():
                self._network.records.note(
                    moment, DOCUMENT_INVALID, call.sid, f"<{verb.name}> is not known here"
                )
                return False
        return True

    def _hear(self, call: Call, verb: Say | Pause | Play, moment: datetime) -> None:
        if isinstance(verb, Say):
            call.heard.append(verb.text)
        elif isinstance(verb, Play):
            call.heard.append(verb.url)
        self._network.records.touch(call, moment)

    def _ask(self, call: Call, line: Line, gather: Gather, moment: datetime) -> None:
        line.gather = gather
        for part in gather.prompt:
            self._hear(call, part, moment)
        later = self._network.scheduler.after
        line.step_timers.append(later(moment, gather.seconds, partial(self._gather_over, call)))
        if line.plan.keys and not line.habit_keys_planned and not call.by_hand:
            line.habit_keys_planned = True
            for place, key in enumerate(line.plan.keys):
                wait_s = line.plan.key_after_s + place * KEY_GAP_S
                line.habit_timers.append(later(moment, wait_s, partial(self._press, call, key)))

    def _press(self, call: Call, key: str, moment: datetime) -> None:
        line = self._lines.get(call.sid)
        if line is None:
            return
        call.keys += key
        self._network.records.touch(call, moment)
        gather = line.gather
        if gather is None:
            return
        if key == gather.finish_on_key:
            self._submit(call, line, gather, key, moment)
            return
        line.digits += key
        if gather.num_digits is not None and len(line.digits) >= gather.num_digits:
            self._submit(call, line, gather, "", moment)
        else:
            cancel_all(line.step_timers)
            over = self._network.scheduler.after(moment, gather.timeout_s, partial(self._gather_over, call))
            line.step_timers.append(over)

    def _gather_over(self, call: Call, moment: datetime) -> None:
        line = self._lines[call.sid]
        gather = line.gather
        if gather is not None and (line.digits or gather.action_on_empty):
            self._submit(call, line, gather, "", moment)
        else:
            self._next(call, moment)

    def _submit(self, call: Call, line: Line, gather: Gather, finished_on: str, moment: datetime) -> None:
        extra = {"Digits": line.digits, "FinishedOnKey": finished_on, "msg": "Gather End"}
        self._go_to(call, line, gather.action, gather.method, extra, moment)

    def _go_to(
        self, call: Call, line: Line, url: str, method: str, extra: dict[str, str], moment: datetime
    ) -> None:
        target = urljoin(line.base_url, url) if url else line.base_url
        if target:
            self._fetch(call, target, method, extra, moment)
        else:
            self._break_off(call, DOCUMENT_INVALID, "an action without an address in inline TwiML", moment)

    def _break_off(self, call: Call, code: int, trouble: str, moment: datetime) -> None:
        self._network.records.note(moment, code, call.sid, trouble)
        self._speak_error(call, moment)

    def _speak_error(self, call: Call, moment: datetime) -> None:
        if call.answered is None:
            self._end(call, "failed", moment, by="network", sip_code=500)
            return
        line = self._lines[call.sid]
        line.verbs, line.place = (Say(SPOKEN_ERROR, "en-US", 1), Hangup()), 0
        self._next(call, moment)

    def _end(self, call: Call, status: str, moment: datetime, *, by: str, sip_code: int = 200) -> None:
        if call.over:
            return
        if line := self._lines.pop(call.sid, None):
            line.drop_all()
        phone: Phone = self._network.records.look_at(call.number)
        if phone.line is call:
            phone.line = None
        call.status, call.ended, call.ended_by, call.sip_code = status, moment, by, sip_code
        self._progress(call, "completed", moment)

    def _progress(self, call: Call, event: str, moment: datetime) -> None:
        self._network.records.touch(call, moment)
        if not call.callback or event not in call.callback_events:
            return
        status = "initiated" if event == "initiated" else call.status
        params = progress_params(call, self._network.account_sid, status, moment)
        call.callbacks_sent += 1
        post = Post(call.sid, call.callback, params, moment, call.callback_method)
        self._network.report("voice", post)
