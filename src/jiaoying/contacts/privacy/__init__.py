"""Whole numbers only with a reason, and people who are erased on request."""
