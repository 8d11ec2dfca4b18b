"""Jiaoying (叫应, "call and be answered"): emergency dispatch and early warning for counties."""

__version__ = "0.1.0"
