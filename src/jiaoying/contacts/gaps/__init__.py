"""Gaps of the roster (责任空白): what it lacks for the coming week."""
