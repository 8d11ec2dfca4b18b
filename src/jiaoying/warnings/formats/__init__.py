"""One pure module for each format: bytes in, messages and complaints out."""
