"""What alarms are called, and which of them come first."""

from collections.abc import Sequence

from jiaoying.dispatch.board import Notice
from jiaoying.kernel.language import say

_DANGER_KINDS = ("danger", "unknown_number")


def alarm_kind_word(kind: str) -> str:
    """What an alarm is about, in two or three words; after a colon stands which one it is about."""
    what = kind.partition(":")[0]
    return {
        "nobody_matched": say("nobody matched"),
        "cancel_spares": say("a cancel for a part only"),
        "cancel_without_target": say("a cancel that names no warning of ours"),
        "update_without_target": say("an update that does not say what it changes"),
        "possible_duplicate": say("may be a warning that runs already"),
        "sources_disagree": say("sources disagree"),
        "match_broke": say("an error of the program: see the log"),
        "inbox_item_broke": say("an error of the program: see the log"),
        "row_broke": say("an error of the program: see the log"),
        "held": say("held: a decision is needed"),
        "undecided": say("ended without a decision"),
        "villages_wait": say("village people wait: tick townships"),
        "villages_never_called": say("village people were never called"),
        "danger": say("danger reported"),
        "unknown_number": say("unknown number"),
        "not_understood": say("reply not understood"),
        "wrong_person": say("somebody else has it"),
        "ring_back": say("asks to be rung back"),
        "cannot_after_all": say("answered, and now cannot"),
        "carrier_refuses": say("the carrier refuses us"),
        "opt_out": say("wants no more texts"),
        "tell_by_hand": say("tell by telephone"),
        "paused": say("paused for too long"),
        "pause_ended": say("a newer version ended a pause"),
        "response_asked": say("a level of response to be decided"),
        "response_goes_on": say("a response without its warning"),
        "routine_late": say("a periodic duty is late"),
        "letter_silent": say("a risk reminder letter is not confirmed"),
        "tasks_late": say("tasks past their time"),
        "tasks_without_anybody": say("tasks that nobody can be ordered to do"),
        "roll_call": say("desks that did not answer the roll call"),
        "daily_missing": say("daily reports that are missing"),
        "daily_to_fill": say("a daily report to be filled in"),
        "daily_not_asked": say("a daily report was not asked for"),
        "roll_call_called_off": say("a roll call was not held"),
        "incident": say("a report past its time"),
        "watchdog": say("the service itself"),
        "source_failing": say("a source of warnings cannot be reached"),
        "source_refused": say("a source of warnings sends what cannot be read"),
        "source_silent": say("a source of warnings has fallen silent"),
        "source_lost": say("warnings of a source could not be fetched"),
        "station_calm": say("fallen below the limit"),
        "station_silent": say("station is silent"),
        "station_not_announced": say("station: no warning made"),
        "presence": say("nobody has signed on"),
        "handover": say("a shift was not taken over"),
        "rota": say("the rota has a gap"),
        "unknown_station": say("unknown station"),
    }.get(what, what.replace("_", " "))


def danger_first(alarms: Sequence[Notice]) -> list[Notice]:
    """Somebody's danger before everything else, the newest first; drills after all that is real."""
    return sorted(alarms, key=lambda alarm: (alarm.exercise, alarm.kind not in _DANGER_KINDS))
