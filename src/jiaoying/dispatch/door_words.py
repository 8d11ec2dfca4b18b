"""What people say from a door (上门): that they woke who slept there, or found nobody. Pure."""

import re
import unicodedata
from enum import StrEnum


class DoorWord(StrEnum):
    """What a word from the door says."""

    GOING = "going"  # 马上上门: taken, not done
    KNOCKED = "knocked"
    NOBODY_HOME = "nobody_home"


_BLANKS = re.compile(r"[\s\W_]+", re.UNICODE)
# Nobody there, or there and not to be woken: whoever was sent cannot do more.
_NOBODY = re.compile(
    r"家(?:中|里)?(?:无|没有?)人|没人在家|人?(?:没|不)在家|(?:未|没有?)找到|找不到|(?:无|没)人(?:应|开)|(?:未|没有?)叫醒|叫不醒"
    r"|没见(?:到|着)人?|敲门(?:无|没)|上门(?:无|没有?)人|nobody(?:home|there)|notfound"
)
_NOT_DONE = re.compile(r"(?:没有?|未|还没有?|不能?|无法|怎么|谁|需要|请)(?:去|来)?上门|不上门")
_GOING = re.compile(
    r"(?:马上|正在|这就|现在|立即|立刻|就|正|准备|去|我去|在|前往).{0,4}上门(?:了|去)?$|上门途中|ontheway"
)
_DONE = re.compile(r"上门|(?:已经?)?(?:叫醒|敲醒)(?:了|他|她)?|人?已(?:叫醒|醒)|woken|knocked")


def hear_door(text: str) -> DoorWord | None:
    """What a text says from a door, for whoever was sent there; None where it speaks of none."""
    bare = _BLANKS.sub("", unicodedata.normalize("NFKC", text)).casefold()
    if _NOBODY.search(bare):
        return DoorWord.NOBODY_HOME
    if _NOT_DONE.search(bare):
        return None
    if _GOING.search(bare):
        return DoorWord.GOING
    return DoorWord.KNOCKED if _DONE.search(bare) else None
