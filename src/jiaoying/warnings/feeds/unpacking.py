"""A body put together from pieces, packed or not, and never larger than it may be. Pure."""

import zlib

from jiaoying.warnings.formats.guarded_xml import MAX_BYTES

_GZIP = 16 + zlib.MAX_WBITS


class TooLargeError(Exception):
    """The body, or what it unpacks to, is larger than a message may be."""


class DamagedError(Exception):
    """The body is not packed as it says, or its end is missing."""


class Body:
    """Pieces of one body. A packed one is unpacked piece by piece, so that a bomb stops at the limit."""

    def __init__(self, encoding: str, largest: int = MAX_BYTES) -> None:
        self._largest = largest
        self._whole = bytearray()
        self._packed = encoding in ("gzip", "x-gzip")
        self._unpacker = zlib.decompressobj(_GZIP)
        if not self._packed and encoding not in ("", "identity"):
            raise DamagedError

    def add(self, piece: bytes) -> None:
        """The next piece. Raises TooLargeError or DamagedError."""
        if not self._packed:
            self._keep(piece)
            return
        try:
            while piece:
                # One more than allowed is asked for, so that too much is seen.
                room = self._largest - len(self._whole) + 1
                self._keep(self._unpacker.decompress(piece, room))
                piece = self._unpacker.unconsumed_tail
                if self._unpacker.eof:
                    # A gzip file may hold several members (RFC 1952, 2.2).
                    piece = self._unpacker.unused_data
                    if piece:
                        self._unpacker = zlib.decompressobj(_GZIP)
        except zlib.error as error:
            raise DamagedError from error

    def whole(self) -> bytes:
        """Everything. Raises DamagedError where the end of a packed body is missing."""
        if self._packed and not self._unpacker.eof:
            raise DamagedError
        return bytes(self._whole)

    def _keep(self, piece: bytes) -> None:
        self._whole += piece
        if len(self._whole) > self._largest:
            raise TooLargeError
