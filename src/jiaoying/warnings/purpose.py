"""Why a row of warnings calls people: it is one, or it is ours and called by the same engine."""

from enum import StrEnum

from sqlalchemy import ColumnElement

from jiaoying.storage.schema import issued_warnings


class Purpose(StrEnum):
    """What a row of `issued_warnings` is there for.

    Only a WARNING was issued by somebody. The others are ours, so that their people are rung, tracked and
    told like all others; they match nobody, are given out to nobody, and are no twin of any.
    """

    WARNING = "warning"
    REQUEST = "request"  # 请示: the leader on duty decides on a held warning (dispatch.requests)
    RESPONSE = "response"  # stands in for a response opened by hand (dispatch.response.standing_in)
    # Duty calls (值班呼叫, dispatch.duty_calls): what a duty desk is called for beside warnings.
    SIGN_ON = "sign_on"  # 签到
    ROLL_CALL = "roll_call"  # 点名
    DAILY = "daily"  # 每日调度
    REPORT = "report"  # 信息报送: a report whose time runs out
    ROUTINE = "routine"  # 定期任务
    LETTER = "letter"  # 风险提醒函

    @property
    def is_duty_call(self) -> bool:
        return self not in SHOWN and self is not Purpose.REQUEST

    @property
    def gives_way(self) -> bool:
        """Whether it may wait behind every warning and every drill."""
        return self in (Purpose.ROLL_CALL, Purpose.DAILY, Purpose.ROUTINE, Purpose.LETTER)


# What stands in the lists of warnings: people were called to act by it.
SHOWN = (Purpose.WARNING, Purpose.RESPONSE)


def is_issued() -> ColumnElement[bool]:
    """Whether somebody issued it as a warning."""
    return issued_warnings.c.purpose == Purpose.WARNING.value


def is_shown() -> ColumnElement[bool]:
    """Whether it stands in the lists of warnings."""
    return issued_warnings.c.purpose.in_([purpose.value for purpose in SHOWN])
