"""What a file is: by its first bytes and by what lies in it, never by its name. Pure."""

import io
import zipfile

PICTURES = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp"}
_PDF = "application/pdf"
_DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_DOC, _XLS = "application/msword", "application/vnd.ms-excel"
_OFD = "application/ofd"  # GB/T 33190, in which offices send documents to each other
# Each with the endings that it goes by, the usual one first. WPS writes both old formats under its own.
ENDINGS = {
    **{media_type: (ending,) for media_type, ending in PICTURES.items()},
    "image/jpeg": ("jpg", "jpeg"),
    _PDF: ("pdf",),
    _DOCX: ("docx",),
    _XLSX: ("xlsx",),
    _DOC: ("doc", "wps"),
    _XLS: ("xls", "et"),
    _OFD: ("ofd",),
}
# What lies in a zip only where it is such a document.
_IN_ZIP = {"word/document.xml": _DOCX, "xl/workbook.xml": _XLSX, "OFD.xml": _OFD}
_MACROS_IN_ZIP = ("word/vbaProject.bin", "xl/vbaProject.bin")
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# Entries of the directory of an old office file are named in UTF-16.
_IN_OLD_OFFICE = {"WordDocument": _DOC, "Workbook": _XLS, "Book": _XLS}
_MACROS_IN_OLD_OFFICE = ("_VBA_PROJECT", "Macros")


def picture_type(body: bytes) -> str | None:
    """The media type of a photo in JPEG, PNG or WebP; None for anything else."""
    if body.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if body.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if body[:4] == b"RIFF" and body[8:12] == b"WEBP":
        return "image/webp"
    return None


def document_type(body: bytes) -> str | None:
    """The media type of a document in PDF, Word, Excel or OFD; None for anything else.

    A document with macros is none: whoever opens it would run them.
    """
    if body.startswith(b"%PDF-"):
        return _PDF
    if body.startswith(b"PK\x03\x04"):
        return _type_in_zip(body)
    return _type_in_old_office(body) if body.startswith(_OLD_OFFICE) else None


def _type_in_zip(body: bytes) -> str | None:
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        return None
    if names.intersection(_MACROS_IN_ZIP):
        return None
    return next((media_type for name, media_type in _IN_ZIP.items() if name in names), None)


def _type_in_old_office(body: bytes) -> str | None:
    if any(_entry(name) in body for name in _MACROS_IN_OLD_OFFICE):
        return None
    return next((media_type for name, media_type in _IN_OLD_OFFICE.items() if _entry(name) in body), None)


def _entry(name: str) -> bytes:
    return name.encode("utf-16-le") + b"\0\0"
