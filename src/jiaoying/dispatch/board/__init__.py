"""What pages and programs read about calls: questions only, nothing here changes a row."""

from jiaoying.dispatch.board.doors import DoorRow, doors_of_person, doors_of_warning
from jiaoying.dispatch.board.feedback import FeedbackBoard, feedback_board
from jiaoying.dispatch.board.heard import CallMade, Unconfirmed, unconfirmed
from jiaoying.dispatch.board.held import HeldWarning, held_warnings
from jiaoying.dispatch.board.history import CallOutHistory, call_out_history
from jiaoying.dispatch.board.notices import Notice, UnknownReply, open_alarms, unknown_replies
from jiaoying.dispatch.board.officers import (
    ListedPerson,
    ListedResponsibility,
    Tried,
    officers_list,
    officers_total,
    officers_totals,
)
from jiaoying.dispatch.board.people import (
    CallOutRow,
    Feedback,
    Number,
    RoleHeld,
    call_out_row,
    callouts_page,
    other_call_outs,
    people_page,
)
from jiaoying.dispatch.board.townships import TownshipRow, township_board
from jiaoying.dispatch.board.waiting import Turns, turns_to_come, who_waits
from jiaoying.dispatch.board.warnings import (
    Counts,
    PeopleCounts,
    ResponsibilityCounts,
    WarningFacts,
    WarningRow,
    asked_again,
    counts,
    list_warnings,
    warning_facts,
)

__all__ = [
    "CallMade",
    "CallOutHistory",
    "CallOutRow",
    "Counts",
    "DoorRow",
    "Feedback",
    "FeedbackBoard",
    "HeldWarning",
    "ListedPerson",
    "ListedResponsibility",
    "Notice",
    "Number",
    "PeopleCounts",
    "ResponsibilityCounts",
    "RoleHeld",
    "TownshipRow",
    "Tried",
    "Turns",
    "Unconfirmed",
    "UnknownReply",
    "WarningFacts",
    "WarningRow",
    "asked_again",
    "call_out_history",
    "call_out_row",
    "callouts_page",
    "counts",
    "doors_of_person",
    "doors_of_warning",
    "feedback_board",
    "held_warnings",
    "list_warnings",
    "officers_list",
    "officers_total",
    "officers_totals",
    "open_alarms",
    "other_call_outs",
    "people_page",
    "township_board",
    "turns_to_come",
    "unconfirmed",
    "unknown_replies",
    "warning_facts",
    "who_waits",
]
