"""What each role may do in the console, as one table."""

from enum import StrEnum

from jiaoying.kernel.language import say


class Role(StrEnum):
    OFFICER = "officer"
    LEADER = "leader"
    KEEPER = "keeper"
    TOWNSHIP = "township"
    INSPECTOR = "inspector"
    OPERATOR = "operator"


class May(StrEnum):
    """One thing that a person may or may not do."""

    WATCH = "watch"  # warnings, boards, histories, alarms; numbers masked
    SHOW_NUMBERS = "show_numbers"  # each look is a line in the ledger
    LOG_ANSWERS = "log_answers"  # answered by hand, door-knock
    START = "start"  # a warning that was held; as the second person too
    WRITE_WARNINGS = "write_warnings"  # by hand, or pasted
    STAND_DOWN = "stand_down"
    STEER = "steer"  # stop, pause, call again, correct
    RESPOND = "respond"  # open, raise, end responses; order, send, lift
    CLEAR_ALARMS = "clear_alarms"
    READ_ROSTER = "read_roster"
    EDIT_ROSTER = "edit_roster"  # people, posts, danger points; lists that are handed in
    EXPORT_ROSTER = "export_roster"  # whole numbers only for who may SHOW_NUMBERS
    EXPORT_LEDGER = "export_ledger"
    SEND_DEMONSTRATIONS = "send_demonstrations"
    READ_RECEIVED = "read_received"  # messages byte for byte, also what was refused
    EDIT_SOURCES = "edit_sources"
    EDIT_WORDINGS = "edit_wordings"
    READ_LADDERS = "read_ladders"
    EDIT_LADDERS = "edit_ladders"  # and try drafts on past warnings
    EDIT_ROTA = "edit_rota"  # its rule, months, who stands instead, leave; asks for swaps
    KEEP_ROUTINES = "keep_routines"  # periodic duties: their rules, what is done, what is skipped
    WRITE_LETTERS = "write_letters"  # risk reminder letters: drafts, sending, withdrawing
    SIGN_LETTERS = "sign_letters"  # written by somebody else
    CALL_DESKS = "call_desks"  # roll calls, daily dispatch: begun, planned, what was told noted
    AGREE_TO_SWAPS = "agree_to_swaps"  # of shifts, asked for by somebody else
    WRITE_INCIDENTS = "write_incidents"  # take in, report, note what was sent or need not be
    SIGN_REPORTS = "sign_reports"  # of incidents, written by somebody else
    EDIT_REPORT_RULES = "edit_report_rules"


_DESK = frozenset(May)
PERMISSIONS: dict[Role, frozenset[May]] = {
    Role.OFFICER: _DESK - {May.AGREE_TO_SWAPS, May.SIGN_REPORTS, May.EDIT_REPORT_RULES, May.SIGN_LETTERS},
    Role.LEADER: _DESK,
    Role.KEEPER: frozenset(
        {
            *(May.WATCH, May.SHOW_NUMBERS, May.READ_ROSTER, May.EDIT_ROSTER, May.EXPORT_ROSTER),
            *(May.READ_LADDERS, May.EDIT_ROTA, May.EDIT_REPORT_RULES, May.KEEP_ROUTINES),
        }
    ),
    Role.TOWNSHIP: frozenset({May.WATCH, May.LOG_ANSWERS, May.READ_ROSTER}),
    Role.INSPECTOR: frozenset(
        {
            *(May.WATCH, May.READ_ROSTER, May.EXPORT_ROSTER, May.EXPORT_LEDGER, May.READ_RECEIVED),
            May.READ_LADDERS,
        }
    ),
    Role.OPERATOR: frozenset(
        {
            *(May.WATCH, May.CLEAR_ALARMS, May.SEND_DEMONSTRATIONS, May.READ_RECEIVED, May.EDIT_SOURCES),
            *(May.READ_ROSTER, May.EDIT_ROSTER, May.EXPORT_ROSTER, May.EDIT_WORDINGS),
            *(May.READ_LADDERS, May.EDIT_LADDERS),
        }
    ),
}


def is_allowed(role: Role, wish: May) -> bool:
    """Whether somebody in `role` may do `wish`."""
    return wish in PERMISSIONS[role]


def role_name(role: Role) -> str:
    """The role in the reader's language."""
    return {
        Role.OFFICER: say("duty officer"),
        Role.LEADER: say("leader on duty"),
        Role.KEEPER: say("roster keeper"),
        Role.TOWNSHIP: say("township"),
        Role.INSPECTOR: say("inspector"),
        Role.OPERATOR: say("operator"),
    }[role]
