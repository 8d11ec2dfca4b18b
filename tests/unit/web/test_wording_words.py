"""Whoever rewords a text is told what each wording is for and what it may speak of."""

import pytest

from jiaoying.templates.files import WordingFile, built_in_files
from jiaoying.templates.trying import names_in
from jiaoying.web.wording_words import meanings, purpose_word


@pytest.mark.parametrize("file", built_in_files(), ids=lambda file: file.path)
def test_every_wording_has_a_purpose_and_every_name_a_meaning(file: WordingFile) -> None:
    assert purpose_word(file.name) != file.name
    assert all(meanings(names_in(file)).values())
