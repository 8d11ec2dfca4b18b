"""Errors that are told to people: each names the field and the remedy."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Complaint:
    """One thing that is wrong with what somebody handed us.

    `code` is stable and for programs, `field` names where, `text` says in the reader's language
    what is wrong and what to do.
    """

    code: str
    field: str
    text: str


class JiaoyingError(Exception):
    """Base of every refusal that ends as a sentence for a person."""


class Refusal(JiaoyingError):
    """What was asked cannot be done; the message says why and what to do instead."""

    def __init__(self, text: str, complaints: tuple[Complaint, ...] = ()) -> None:
        super().__init__(text)
        self.complaints = complaints


class SettingError(JiaoyingError):
    """A setting is missing or malformed; the message names it and the remedy."""
