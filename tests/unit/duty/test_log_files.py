"""What files hang on an entry, and what they are called."""

from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiaoying.duty.log_files import (
    MAX_LOG_FILE_BYTES,
    MOST_LOG_FILES,
    CheckedFile,
    GivenFile,
    LogFile,
    checked_file,
    kept_name,
    taken_files,
)
from jiaoying.kernel.errors import Refusal
from jiaoying.kernel.file_types import ENDINGS

PDF = b"%PDF-1.7\n"


def standing(sha256: bytes) -> LogFile:
    return LogFile(uuid4(), uuid4(), uuid4(), None, "a.pdf", "application/pdf", 1, sha256, False, "user:甲")


def named(number: int) -> CheckedFile:
    return checked_file(GivenFile(f"{number}.pdf", PDF + str(number).encode()))


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("通知.pdf", "通知.pdf"),
        ("通知.PDF", "通知.pdf"),
        ("通知", "通知.pdf"),
        ("发票.exe", "发票.exe.pdf"),
        ("../../etc/通知.pdf", "通知.pdf"),
        ("C:\\Users\\甲\\通知.pdf", "通知.pdf"),
        ("通知\r\nX: 1.pdf", "通知X 1.pdf"),
        ("fdp.\u202e知通", "fdp.知通.pdf"),
        ("", "附件.pdf"),
        (" .. ", "附件.pdf"),
        (".pdf", "pdf.pdf"),
        ("长" * 300 + ".pdf", "长" * 80 + ".pdf"),
    ],
)
def test_a_name_ends_as_its_content_says(name: str, kept: str) -> None:
    assert kept_name(name, "application/pdf") == kept


@given(st.text(), st.sampled_from(sorted(ENDINGS)))
def test_no_name_leads_elsewhere_or_hides_what_it_is(name: str, media_type: str) -> None:
    kept = kept_name(name, media_type)
    assert not set(kept) & set('/\\"\r\n\0<>:|?*\u202e')
    assert kept.rpartition(".")[2] in ENDINGS[media_type]
    assert 1 < len(kept) <= 90
    assert kept_name(kept, media_type) == kept


@pytest.mark.parametrize(
    ("body", "said"),
    [(b"", "空文件"), (PDF + b"0" * MAX_LOG_FILE_BYTES, "太大"), (b"MZ", "内容都不是")],
)
def test_what_is_not_taken_is_named(body: bytes, said: str) -> None:
    with pytest.raises(Refusal, match=said) as refused:
        checked_file(GivenFile("通知.pdf", body))
    assert "通知" in str(refused.value)
    assert [complaint.field for complaint in refused.value.complaints] == ["files"]


def test_the_same_file_hangs_there_once() -> None:
    one, two = named(1), named(2)
    assert taken_files([one, two, one], [standing(two.sha256)]) == [one]


def test_there_are_only_so_many() -> None:
    there = [standing(bytes([number])) for number in range(MOST_LOG_FILES - 1)]
    assert len(taken_files([named(1)], there)) == 1
    with pytest.raises(Refusal, match="最多"):
        taken_files([named(1), named(2)], there)
