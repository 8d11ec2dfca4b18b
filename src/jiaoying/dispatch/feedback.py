"""Feedback (反馈): what was done after the answer, in stages that have clocks. Pure."""

from enum import StrEnum


class FeedbackStage(StrEnum):
    """How far the work in the field is; the order is that of the work."""

    ON_POST = "on_post"  # 到岗
    PATROL = "patrol"  # 巡查
    MOVING = "moving"  # 转移中: people are being moved, with or without what is planned
    MOVED = "moved"  # 已转移, with figures
    SETTLED = "settled"  # 安置
    DANGER = "danger"  # 险情
    ENDED = "ended"  # 结束
