"""What handovers and sign-ons are called, in the reader's language."""

from jiaoying.duty.handovers.model import HandoverState, ItemKind, ItemState
from jiaoying.duty.sign_ons import WatchState
from jiaoying.kernel.language import say


def item_kind_word(kind: ItemKind) -> str:
    """What an item is about."""
    return {
        ItemKind.WARNING: say("warning in force"),
        ItemKind.HELD: say("to be decided"),
        ItemKind.NOT_WOKEN: say("not woken"),
        ItemKind.FEEDBACK: say("no report yet"),
        ItemKind.TASK: say("orders"),
        ItemKind.INCIDENT: say("incident"),
        ItemKind.DAILY: say("daily reports"),
        ItemKind.ROUTINE: say("periodic duty"),
        ItemKind.LETTER: say("risk reminder letter"),
        ItemKind.CONSULTATION: say("consultation"),
        ItemKind.ALARM: say("alarm"),
        ItemKind.PHONE: say("telephones and equipment"),
        ItemKind.MATERIAL: say("papers, keys, vehicles"),
        ItemKind.OTHER: say("other"),
    }[kind]


def item_state_word(state: ItemState) -> str:
    """Whether somebody has taken it over."""
    return {
        ItemState.OPEN: say("not taken over"),
        ItemState.ACCEPTED: say("signed for"),
        ItemState.REFUSED: say("not accepted"),
        ItemState.SETTLED: say("settled meanwhile"),
    }[state]


def handover_state_word(state: HandoverState) -> str:
    """Where a handover stands."""
    return {
        HandoverState.OPEN: say("not signed"),
        HandoverState.HANDED: say("waits for whoever takes over"),
        HandoverState.REFUSED: say("sent back"),
        HandoverState.TAKEN: say("shift taken over"),
        HandoverState.CONTINUED: say("the same officer went on"),
        HandoverState.LAPSED: say("never taken over"),
    }[state]


def watch_state_word(state: WatchState) -> str:
    """Whether somebody has come."""
    return {
        WatchState.ASKED: say("asked to sign on"),
        WatchState.MISSED: say("nobody has signed on"),
        WatchState.MANNED: say("signed on"),
        WatchState.OVER: say("nobody signed on"),
    }[state]


def sign_on_how(how: str) -> str:
    """How somebody said that they had come."""
    return {
        "page": say("on the page"),
        "text": say("by a text"),
        "key": say("by key in the call"),
        "link": say("by link"),
        "hand": say("noted by the desk"),
    }.get(how, how)
