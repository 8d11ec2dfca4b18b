"""Issued warnings (预警): formats read, messages taken in, updates and cancellations."""
