"""What a call says, as TwiML: the warning with the menu, once more in silence, and what was understood. Pure.

Each reading is a piece of its own that the carrier tells us the end of: that is how we know that the
message was heard to its end, also where somebody hangs up in the second reading.

Keys only: they work on every handset, through noise and in every dialect.
"""

# The library's TwiML classes carry no types.
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false

from collections.abc import Callable
from dataclasses import dataclass, replace

from twilio.twiml.voice_response import Gather, VoiceResponse

from jiaoying.kernel.language import CHINESE, best_language, say, speaking

# What Twilio takes in one piece of TwiML, and what a person will listen to.
LONGEST_TWIML = 4000
MENU_WAIT_S = 6
PAUSE_S = 3  # for a key before the message is read again
MOST_WRONG_KEYS = 2
MOST_REPEATS = 5
MOST_SILENT_READINGS = 1
# Mandarin by name and voice: https://www.twilio.com/docs/voice/twiml/say/text-speech#amazon-polly-voices
_VOICES = {True: ("cmn-CN", "Polly.Zhiyu-Neural"), False: ("en-US", "Polly.Joanna-Neural")}

KeyAddress = Callable[["Turn"], str]
"""Where the key of one reading of the menu is posted to."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """What is read to the person at the phone, and in what language."""

    text: str
    language: str


@dataclass(frozen=True, slots=True)
class Turn:
    """How often the menu has been read again in this call, and why."""

    repeats: int = 0  # key 9
    wrong: int = 0  # a key that means nothing
    silent: int = 0  # no key

    @property
    def mark(self) -> str:
        """Tells this reading of the menu from the others of the same call."""
        return f"{self.repeats}.{self.wrong}.{self.silent}"


def read_turn(repeats: str, wrong: str, silent: str) -> Turn:
    """The turn that an address names; nonsense counts as the last one, which ends the call."""
    return Turn(
        _count(repeats, MOST_REPEATS), _count(wrong, MOST_WRONG_KEYS), _count(silent, MOST_SILENT_READINGS)
    )


def speak_warning(spoken: Spoken, key_address: KeyAddress, turn: Turn = Turn()) -> str:
    """The text with the menu."""
    wait_s = MENU_WAIT_S if turn.silent else PAUSE_S
    with speaking(spoken.language):
        return _fitting(
            lambda text: _ask(f"{text} {_menu()}", spoken.language, key_address(turn), wait_s), spoken.text
        )


def speak_after_key(digits: str, turn: Turn, spoken: Spoken, key_address: KeyAddress) -> str:
    """What is said after `digits`; `spoken` is read once more for 9, and the first time that no key came."""
    language = spoken.language
    with speaking(language):
        if digits == "9" and turn.repeats < MOST_REPEATS:
            return speak_warning(spoken, key_address, replace(turn, repeats=turn.repeats + 1))
        if not digits and not turn.wrong and turn.silent < MOST_SILENT_READINGS:
            return speak_warning(spoken, key_address, replace(turn, silent=turn.silent + 1))
        understood = _understood(digits)
        if understood is None and turn.wrong < MOST_WRONG_KEYS:
            again = f"{say('That key means nothing here.')} {_menu()}"
            return _ask(again, language, key_address(replace(turn, wrong=turn.wrong + 1)), MENU_WAIT_S)
        return _tell(understood or say("No valid key came. We shall call again. Goodbye."), language)


def words_of_unknown_call(home_name: str, language: str) -> Spoken:
    """For a call of ours whose words we cannot find: who rings, and where to look, rather than nothing."""
    with speaking(language):
        text = say(
            "This is a warning call from the duty desk of {home}. Look at your texts now.", home=home_name
        )
    return Spoken(text, language)


def speak_to_caller(spoken: Spoken | None, home_name: str, language: str, key_address: KeyAddress) -> str:
    """For somebody who rings us: what is open for them with the menu, else whom they have reached."""
    if spoken is None:
        with speaking(language):
            return _tell(_nothing_open(home_name), language)
    language = spoken.language
    with speaking(language):
        greeting = say("This is the duty desk of {home}. This is what we called you about.", home=home_name)
        return _fitting(
            lambda text: _ask(f"{greeting} {text} {_menu()}", language, key_address(Turn()), PAUSE_S),
            spoken.text,
        )


def _nothing_open(home_name: str) -> str:
    return say(
        "This is the warning line of the duty desk of {home}. Nothing waits for your answer now."
        " If people are in danger, ring the duty desk or the emergency services.",
        home=home_name,
    )


def _menu() -> str:
    return say(
        "To confirm that you got this, press 1. If you cannot take it, press 2."
        " To be rung back by the duty desk, press 3. To hear it again, press 9."
    )


def _understood(digits: str) -> str | None:
    """The closing sentence for a key of the menu, or None for a wrong one."""
    return {
        "": say("No key came. Please answer by text as soon as you can. Goodbye."),
        "1": say("Your answer is noted. Thank you, and take care."),
        "2": say("We have noted that you cannot take it and call the next person now. Goodbye."),
        "3": say("Your answer is noted. The duty desk will ring you back."),
        "9": say("You have heard it several times. Please answer by text or ring the duty desk. Goodbye."),
    }.get(digits)


def _fitting(build: Callable[[str], str], text: str) -> str:
    """The TwiML for as much of `text` as fits; signs that XML spells out count as they are spelt."""
    text = "".join(char for char in text if char.isprintable() or char == "\n")
    twiml = build(text)
    while len(twiml) > LONGEST_TWIML and text:
        text = text[: max(0, len(text) - max(10, (len(twiml) - LONGEST_TWIML) // 6))]
        twiml = build(text)
    return twiml


def _ask(sentence: str, language: str, action: str, wait_s: int) -> str:
    code, voice = _VOICES[best_language(language) == CHINESE]
    gather = Gather(
        action=action,
        # Silence to the end is told to us too: it says that the call was heard out.
        action_on_empty_result=True,
        input="dtmf",
        method="POST",
        num_digits=1,
        timeout=wait_s,
    )
    gather.say(sentence, language=code, voice=voice)
    return str(VoiceResponse().append(gather))


def _tell(sentence: str, language: str) -> str:
    code, voice = _VOICES[best_language(language) == CHINESE]
    response = VoiceResponse()
    response.say(sentence, language=code, voice=voice)
    response.hangup()
    return str(response)


def _count(text: str, most: int) -> int:
    if not text:
        return 0
    return min(int(text), most) if text.isdecimal() and len(text) < 3 else most
