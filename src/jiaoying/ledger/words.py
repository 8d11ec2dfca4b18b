"""The events of the story in words. A word that is not here is shown as it is."""

from jiaoying.kernel.language import say

_EVENTS = {
    "warning.received": "Warning received",
    "warning.duplicate": "The same warning came again",
    "warning.repeated": "The same warning came again",
    "warning.ignored": "Warning set aside",
    "warning.held": "Warning waits for the officer",
    "warning.started": "Calling was started",
    "warning.vetoed": "Vetoed: nobody is called",
    "warning.written": "Written by hand and confirmed",
    "warning.decision_asked": "The leader on duty is asked to decide",
    "request.made": "Request to the leader on duty",
    "draft.written": "A draft was begun",
    "draft.changed": "The draft was changed",
    "draft.discarded": "The draft was thrown away",
    "draft.confirmed": "The draft was confirmed",
    "warning.matched": "Responsible people found",
    "warning.nobody_matched": "Nobody was found to call",
    "warning.villages_wait": "Village people wait: only the county's outline is known",
    "warning.villages_ticked": "Townships ticked: their village people are called",
    "warning.villages_called": "Village people who waited are called",
    "warning.withdrawn": "Warning withdrawn",
    "warning.closed": "Calling ended",
    "warning.also_came": "The same warning came by another source too",
    "warning.disputed": "Another source says otherwise of this warning",
    "message.rejected": "Message refused",
    "responsibility.opened": "A responsibility was opened",
    "responsibilities.opened": "Responsibilities were opened",
    "responsibilities.rung_began": "First rungs began",
    "call_outs.opened": "People to be called",
    "responsibility.rung_began": "The next rung began",
    "responsibility.rung_empty": "The rung names nobody",
    "responsibility.covered": "The responsibility is covered",
    "responsibility.uncovered": "Nobody covered the responsibility",
    "responsibility.withdrawn": "The responsibility was withdrawn",
    "responsibility.carried": "Goes on under the newer warning",
    "responsibility.lowered": "Goes on by the ladder of the milder colour",
    "responsibility.listed": "Put on the officer's list",
    "responsibility.person_replaced": "Somebody else holds the post now and is asked",
    "door.assigned": "Asked to go to somebody's door",
    "door.taken": "On the way to the door",
    "door.done": "Woken at the door",
    "door.failed": "The walk to the door came to nothing",
    "door.withdrawn": "The walk to the door is not needed any more",
    "call_out.opened": "To be called",
    "call_out.carried": "Goes on under the newer warning, as it stands",
    "call_out.role_added": "Answers for one more responsibility",
    "call_out.answered": "Answered",
    "call_out.answered_again": "Answered again",
    "call_out.declined": "Cannot come",
    "call_out.exhausted": "Not woken: every way was tried",
    "call_out.withdrawn": "No longer called",
    "attempt.planned": "Call or text planned",
    "attempt.claimed": "Being handed to the carrier",
    "attempt.accepted": "Taken by the carrier",
    "attempt.under_way": "Under way at the carrier",
    "attempt.throttled": "The carrier asks to wait",
    "attempt.failed": "Not reached",
    "attempt.lost": "No word from the carrier",
    "attempt.delivered": "Delivered",
    "attempt.answered": "Answered on this call or text",
    "attempt.withdrawn": "Not sent any more",
    "attempt.reconciled": "Looked up at the carrier",
    "inbox.stored": "Something came back from the carrier",
    "inbox.settled": "What came back was settled",
    "answer.understood": "The answer was understood",
    "answer.not_understood": "The answer was not understood",
    "answer.asked_back": "Asked back which warning was meant",
    "feedback.given": "Feedback given",
    "reply.from_unknown": "Text from a number that is not on the roster",
    "stand_down.sent": "Stand-down sent",
    "stand_down.planned": "Stand-down texts planned",
    "lowered.planned": "Texts planned that tell of the milder colour",
    "alarm.raised": "Alarm for the desk",
    "alarm.cleared": "Alarm cleared",
    "ladder.changed": "Ladders changed",
    "ledger.exported": "Ledger taken away as a file",
    "areas.imported": "Divisions imported",
    "contact.added": "Contact added",
    "contact.changed": "Contact changed",
    "contact.retired": "Contact retired",
    "contact.imported": "Contacts imported",
    "contact.number_shown": "Full number looked at",
    "contact.erased": "Person erased on request",
    "contacts.exported": "Roster taken away as a file",
    "contact.opted_out": "Asked for no more texts",
    "post.added": "Post added",
    "post.changed": "Post changed",
    "post.retired": "Post ended",
    "post.ended": "Post ended",
    "post.vacated": "Post became vacant",
    "post.put_back": "Post put back as it was before an import",
    "contact.put_back": "Contact put back as it was before an import",
    "contact.merged": "Made one with another record",
    "doubt.settled": "The keeper settled whether two records are one person",
    "point.added": "Danger point added",
    "point.changed": "Danger point changed",
    "point.ended": "Danger point left the roster",
    "point.put_back": "Danger point put back as it was before an import",
    "point.households_changed": "Threatened households changed",
    "roster.imported": "A list was taken over into the roster",
    "roster.import_undone": "An import of the roster was taken back",
    "post.moved": "Post moved to another area",
    "danger_point.moved": "Danger point moved to another area",
    "desk.moved": "Duty desk moved to another area",
    "shift.added": "Shift entered",
    "shift.changed": "Shift changed",
    "shift.removed": "Shift removed",
    "shift.imported": "Rota imported",
    "user.added": "User added",
    "user.changed": "User changed",
    "user.disabled": "User disabled",
    "user.signed_in": "Signed in",
    "user.signed_out": "Signed out",
    "user.sign_in_failed": "Sign-in failed",
    "source.added": "Source of warnings added",
    "source.changed": "Source of warnings changed",
    "source.enabled": "Source of warnings switched on",
    "source.disabled": "Source of warnings switched off",
    "source.secret_renewed": "Source of warnings got a new secret",
    "source.entry_lost": "A warning that a source names could not be fetched",
    "source.recovered": "Source of warnings is well again",
    "source.watch_ended": "Source of warnings is no longer watched",
    "token.added": "Token for a program added",
    "token.revoked": "Token for a program revoked",
    "number.stands": "Number of a person stands differently",
    "number.checked": "Number checked",
    "number_check.begun": "Check of numbers begun",
    "number_check.postponed": "Check of numbers put off: a grave warning runs",
    "number_check.resumed": "Check of numbers goes on",
    "number_check.ended": "Check of numbers ended",
}

_CHANNELS = {"sms": "Text message", "voice": "Phone call"}

_COLOURS = {"blue": "Blue", "yellow": "Yellow", "orange": "Orange", "red": "Red"}

_ROLES = {
    "holder": "holder",
    "deputy": "deputy",
    "desk": "duty desk",
    "leader": "leader on duty",
    "superior": "superior",
    "door": "goes to the door",
    "post": "named post",
    "person": "named person",
}


# Why, how and what, as lines say it in `facts`.
_FACTS = {
    "no_answer": "all tries spent, no answer",
    "no_number": "no number in the roster",
    "number_refused": "the carrier refuses every number",
    "no_number_for_channel": "no number for this channel",
    "nobody_to_ask": "nobody holds the post",
    "not_reached": "nobody was reached",
    "wait_ran_out": "the wait ran out",
    "warning_ended": "the warning ended",
    "all_done": "everybody answered or was tried",
    "covered": "somebody else answered",
    "cancelled": "the warning was cancelled",
    "replaced": "the warning was replaced",
    "raised": "the colour is graver now",
    "lowered": "the colour is milder now",
    "same_colour": "the colour stays",
    "dropped": "the place is not named any more",
    "not_asked_at_this_colour": "not asked at the milder colour",
    "other_hazard": "the hazard is another one now",
    "cut_off": "the warning had ended before everybody was reached",
    "merged": "two warnings became one",
    "spared": "a graver part of the warning asks for it",
    "asked_anew": "asked anew for more than before",
    "possible_duplicate": "may be a warning that runs already",
    "text": "by text",
    "key": "by key press",
    "hand": "by a call from the desk",
    "link": "by the link",
    "door": "woken at the door",
    "nobody_home": "nobody was there",
    "awake": "awake meanwhile",
    "no_word": "no word came from there",
    "door_in_vain": "nobody was found at the door",
    "more_needed": "more people must answer",
    "its_turn": "its turn has come",
    "turn_ran_out": "its wait for the others ran out",
    "replaced_on_roster": "somebody else holds the post now",
    "knocked": "woken at the door",
    "vacant": "nobody holds the post",
    "no_deputy": "no deputy is named",
    "no_superior": "no superior is named",
    "nobody_on_duty": "nobody is on duty",
    "no_leader": "no leader is on duty",
    "nobody_to_wake": "nobody was called in vain before",
    "nobody_to_send": "nobody is left who could go there",
    "post_vacant": "nobody holds the named post",
    "not_on_roster": "not on the roster any more",
    "answered": "got it",
    "declined": "cannot come",
    "ring_back": "asks to be rung back",
    "on_post": "on post",
    "moved": "people moved",
    "moving": "moving people",
}


def event_words(event: str) -> str:
    """`call_out.answered` → 已应答; an unknown event is its own word."""
    return _said(_EVENTS, event)


def channel_words(channel: str) -> str:
    """`voice` → 电话."""
    return _said(_CHANNELS, channel)


def colour_words(colour: str) -> str:
    """`red` → 红色."""
    return _said(_COLOURS, colour)


def role_words(role: str) -> str:
    """`deputy` → B角."""
    return _said(_ROLES, role)


def fact_words(word: str) -> str:
    """A reason, a means or a meaning: `no_answer` → 各轮呼叫均无应答."""
    return _said(_FACTS, word)


def _said(words: dict[str, str], word: str) -> str:
    return say(words[word]) if word in words else word
