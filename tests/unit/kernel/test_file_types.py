"""What a file is, by its content."""

import io
import zipfile

import pytest
from docx import Document
from openpyxl import Workbook

from jiaoying.kernel.file_types import document_type, picture_type

OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def zipped(*names: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return file.getvalue()


def old(*entries: str) -> bytes:
    return OLD_OFFICE + b"".join(entry.encode("utf-16-le") + b"\0\0" for entry in entries)


def saved(document: object) -> bytes:
    file = io.BytesIO()
    document.save(file)  # type: ignore[attr-defined]  # pyright: ignore
    return file.getvalue()


@pytest.mark.parametrize(
    ("body", "media_type"),
    [
        (b"\xff\xd8\xff\xe0 photo", "image/jpeg"),
        (b"\x89PNG\r\n\x1a\n photo", "image/png"),
        (b"RIFF\x00\x00\x00\x00WEBP photo", "image/webp"),
        (b"RIFF\x00\x00\x00\x00WAVE sound", None),
        (b"%PDF-1.7", None),
        (b"", None),
    ],
)
def test_a_photo_is_one_by_its_first_bytes(body: bytes, media_type: str | None) -> None:
    assert picture_type(body) == media_type


def test_what_word_and_excel_write_is_theirs() -> None:
    assert document_type(saved(Document())) == WORD
    assert document_type(saved(Workbook())) == EXCEL


@pytest.mark.parametrize(
    ("body", "media_type"),
    [
        (b"%PDF-1.7\n", "application/pdf"),
        (zipped("OFD.xml"), "application/ofd"),
        (old("WordDocument"), "application/msword"),
        (old("Workbook"), "application/vnd.ms-excel"),
        (old("Book"), "application/vnd.ms-excel"),
        (zipped("readme.txt"), None),
        (zipped("word/document.xml")[:40], None),
        (b"PK\x03\x04 and nothing else", None),
        (b"MZ a program", None),
        (b"<html>", None),
        (b"", None),
    ],
    ids=["pdf", "ofd", "doc", "xls", "xls-95", "zip", "half a docx", "no zip", "program", "page", "nothing"],
)
def test_a_document_is_one_by_what_lies_in_it(body: bytes, media_type: str | None) -> None:
    assert document_type(body) == media_type


@pytest.mark.parametrize(
    "body",
    [
        zipped("word/document.xml", "word/vbaProject.bin"),
        zipped("xl/workbook.xml", "xl/vbaProject.bin"),
        old("WordDocument", "Macros"),
        old("Workbook", "_VBA_PROJECT_CUR", "_VBA_PROJECT"),
    ],
)
def test_what_carries_macros_is_no_document(body: bytes) -> None:
    assert document_type(body) is None
