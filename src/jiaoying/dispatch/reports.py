"""Reports in words (反馈): which stage of the work a text tells of, and its figures. Pure.

What is read here has been made plain already (`replies`): half width, without blanks and stops, Chinese
numerals before 户 and 人 as digits. A total is read, an addition (又转移3户) never is: whoever sends one is
asked for the total, since only totals can be told twice without counting twice.
"""

import re
from dataclasses import dataclass

from jiaoying.dispatch.feedback import FeedbackStage

MAX_FIGURE = 99_999


@dataclass(frozen=True, slots=True)
class Reported:
    """One stage that was reached, with households and people where they were said."""

    stage: FeedbackStage
    households: int | None = None
    people: int | None = None

    @property
    def has_figures(self) -> bool:
        return self.households is not None or self.people is not None


_WORDS = {
    FeedbackStage.ON_POST: {
        *("到岗", "已到岗", "到岗了", "已经到岗", "在岗", "已在岗", "我在岗", "已上岗", "上岗了", "到岗到位"),
        *(
            "已到岗到位",
            "已到位",
            "人员已到位",
            "人已到位",
            "已到现场",
            "到现场了",
            "在现场",
            "已到村",
            "到村了",
        ),
    },
    FeedbackStage.PATROL: {
        *(
            "巡查",
            "已巡查",
            "正在巡查",
            "在巡查",
            "巡查中",
            "开始巡查",
            "已开始巡查",
            "巡查了",
            "巡查完了",
            "巡查完毕",
        ),
        *(
            "已巡查完毕",
            "已巡查一遍",
            "巡查正常",
            "巡查无异常",
            "巡查未发现异常",
            "正在排查",
            "已排查",
            "排查中",
        ),
        *("正在巡逻", "巡逻中", "正在巡河", "已巡河"),
    },
    FeedbackStage.MOVING: {
        *("转移", "正在转移", "已转移", "转移了", "转移中", "马上转移", "立即转移", "开始转移", "已开始转移"),
        *(
            "组织转移",
            "马上组织转移",
            "立即组织转移",
            "正在组织转移",
            "已组织转移",
            "这就组织转移",
            "正在组织群众转移",
        ),
        *("全部转移", "已全部转移", "转移完毕", "已转移完毕", "全部转移完毕", "已全部转移完毕", "转移完了"),
        *("正在撤离", "已撤离", "全部撤离", "已全部撤离"),
    },
    FeedbackStage.SETTLED: {
        *(
            "安置",
            "已安置",
            "安置好了",
            "安置完毕",
            "已安置完毕",
            "安置到位",
            "已安置到位",
            "全部安置",
            "已全部安置",
        ),
        *("已妥善安置", "全部妥善安置", "正在安置"),
    },
    FeedbackStage.ENDED: {
        *(
            "结束",
            "已结束",
            "结束了",
            "处置完毕",
            "已处置完毕",
            "处置结束",
            "处置完成",
            "已处置完成",
            "处置完了",
        ),
        *("处理完毕", "已处理完毕", "工作结束", "全部结束", "全部处置完毕"),
    },
}
# Said after a look around. Whole words only: with anything else beside it a danger word stays one.
_QUIET = re.compile(
    r"(?:目前|暂时?|现在|巡查|已?经?巡查过?)?(?:还?未(?:发现|出现|见)|没有?(?:发现|出现)?|无|暂无)"
    r"(?:任何)?(?:险情|灾情|异常|滑坡|塌方|人员被困|人员失联)(?:情况|现象|发生)?|(?:目前)?一切正常|情况正常"
)
_NOBODY_TO_MOVE = re.compile(
    r"(?:无需|不需要?)转移(?:群众)?|(?:没有|无)(?:需要?|要)转移的?(?:群众|人员?|村民|户|农户|对象)?"
)

_FIGURES = (
    r"(?:共|共计|总共|一共|累计)?(?:(?P<households>[0-9]+)户)?(?:共|共计)?"
    r"(?:(?P<people>[0-9]+)(?:个人|名群众|名村民|人|口人|口|名))?"
)
_WHO = r"(?:群众|村民|人员|受威胁群众|危险区群众)?"
_DONE = r"(?:了|完毕|完成|到位|好了?|妥当){0,3}"
_HOW = r"(?:安全|紧急|全部|成功|集中|提前|妥善|就近){0,3}"
_ALREADY = r"(?:我村|本村|全村|截至目前|目前|现在?|均|都|已经?|共计?|累计|总共|一共){0,4}"
_TO_BE = r"(?:需要?|须|计划|拟|应|待|准备|预计|要|将|正在|正组织|正在组织)"
_HAVE = r"(?:我村|本村|全村|目前|现|有|共计?){0,4}"
# The stage, and what of a text tells of it; the first that fits.
_GRAMMAR = tuple(
    (stage, re.compile(words))
    for stage, words in (
        (FeedbackStage.MOVING, rf"{_HAVE}{_TO_BE}{_HOW}(?:转移|撤离|转){_WHO}{_FIGURES}"),
        (FeedbackStage.MOVING, rf"{_HAVE}{_FIGURES}{_WHO}{_TO_BE}{_HOW}(?:转移|撤离)(?:中|的)?"),
        (FeedbackStage.MOVED, rf"{_ALREADY}{_HOW}(?:转移安置|转移|撤离|转){_WHO}{_DONE}{_FIGURES}{_DONE}"),
        (FeedbackStage.MOVED, rf"{_FIGURES}{_WHO}{_ALREADY}{_HOW}(?:转移安置|转移|撤离){_DONE}"),
        (FeedbackStage.SETTLED, rf"{_ALREADY}{_HOW}安置{_WHO}{_DONE}{_FIGURES}{_DONE}"),
        (FeedbackStage.SETTLED, rf"{_FIGURES}{_WHO}{_ALREADY}{_HOW}安置{_DONE}"),
    )
)
_FIGURES_ALONE = re.compile(
    r"(?P<households>[0-9]+)户(?:共|共计)?(?P<people>[0-9]+)(?:个人|人|口人|口)(?:了|完毕|完成|到位)?"
)
_ADDITION = re.compile(
    r"(?:后来|刚才|刚刚|刚)?(?:又|再|另外?|新增|增加|新)(?:已经?)?(?:安全)?(?:转移|撤离|安置|转)[了群众村民]{0,4}[0-9]+[户人口名].*"
)


def read_report(bare: str) -> Reported | None:
    """The stage and figures that a plain text tells of, the word 转移 or another among them.

    None where it tells of none, or of a figure that no county has.
    """
    for stage, words in _WORDS.items():
        if bare in words:
            return Reported(stage)
    if _NOBODY_TO_MOVE.fullmatch(bare):
        return Reported(FeedbackStage.MOVING, 0, 0)
    if _QUIET.fullmatch(bare):
        return Reported(FeedbackStage.PATROL)
    for stage, words in _GRAMMAR:
        if found := words.fullmatch(bare):
            return _reported(stage, found)
    return None


def read_figures(bare: str) -> Reported | None:
    """`12户35人`: who says only that has moved them. Both figures, or it is not guessed at."""
    found = _FIGURES_ALONE.fullmatch(bare)
    return _reported(FeedbackStage.MOVED, found) if found else None


def is_addition(bare: str) -> bool:
    """Whether it tells of some more, and not of all: 又转移3户8人."""
    return _ADDITION.fullmatch(bare) is not None


def is_quiet(bare: str) -> bool:
    """Whether a part of a text says that nothing happened: the danger word in it is none."""
    return _QUIET.fullmatch(bare) is not None


def _reported(stage: FeedbackStage, found: re.Match[str]) -> Reported | None:
    households, people = (int(said) if (said := found[name]) else None for name in ("households", "people"))
    if (households is None and people is None) or max(households or 0, people or 0) > MAX_FIGURE:
        return None
    return Reported(stage, households, people)
