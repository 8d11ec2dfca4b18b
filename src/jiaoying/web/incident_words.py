"""Incidents in words, as the pages use them."""

from jiaoying.duty.incidents.numbers import incident_number, report_name, report_number
from jiaoying.duty.incidents.words import (
    fact_word,
    grade_word,
    kind_word,
    means_word,
    obligation_state_word,
    report_state_word,
    step_word,
    unit_word,
    value_words,
    within_words,
)

__all__ = [
    "fact_word",
    "grade_word",
    "incident_number",
    "kind_word",
    "means_word",
    "obligation_state_word",
    "report_name",
    "report_number",
    "report_state_word",
    "step_word",
    "unit_word",
    "value_words",
    "within_words",
]
