"""How many parts a text costs (3GPP TS 23.038, 23.040): GSM-7 where every sign is in it, else UCS-2."""

from dataclasses import dataclass

_GSM_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
# Each of these is written as two signs.
_GSM_EXTENDED = frozenset("^{}\\[~]|€\f")
_GSM = _GSM_BASIC | _GSM_EXTENDED


@dataclass(frozen=True, slots=True)
class Size:
    """What one text holds, and what each part of a longer one holds, in units of its alphabet."""

    alone: int
    chained: int

    def capacity(self, parts: int) -> int:
        """Units that `parts` parts hold."""
        return self.alone if parts == 1 else self.chained * parts


GSM_7 = Size(160, 153)
UCS_2 = Size(70, 67)


def is_gsm(text: str) -> bool:
    """Whether every sign is in the GSM-7 alphabet."""
    return _GSM.issuperset(text)


def count_units(text: str, *, gsm: bool) -> int:
    """Units of `text`: GSM-7 septets (two for signs of the extension), or UTF-16 units (two for emoji)."""
    if gsm:
        return len(text) + sum(sign in _GSM_EXTENDED for sign in text)
    return len(text.encode("utf-16-le")) // 2


def count_parts(text: str) -> int:
    """Parts that a carrier sends and charges for `text`; an empty text is one."""
    gsm = is_gsm(text)
    size, units = (GSM_7 if gsm else UCS_2), count_units(text, gsm=gsm)
    return 1 if units <= size.alone else -(-units // size.chained)
