"""Photos that people send with their feedback: what they are, by their first bytes. Pure."""

from jiaoying.kernel.errors import Refusal
from jiaoying.kernel.file_types import PICTURES, picture_type
from jiaoying.kernel.language import say

MAX_PHOTO_BYTES = 8 * 1024 * 1024
MOST_PHOTOS = 20  # of one person under one warning
SUFFIXES = PICTURES


def photo_type(body: bytes) -> str:
    """The media type. Raises Refusal for what is empty, too large or no photo, whatever it is called."""
    if len(body) > MAX_PHOTO_BYTES:
        raise Refusal(say("The photo is too large: at most {most} MB", most=MAX_PHOTO_BYTES // (1024 * 1024)))
    media_type = picture_type(body)
    if media_type is None:
        raise Refusal(say("This is not a photo: choose a picture in JPEG, PNG or WebP"))
    return media_type
