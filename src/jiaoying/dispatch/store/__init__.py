"""Rows of the dispatch tables, one file for each kind.

Locks are always taken in this order, and within one table by id, so that stages that meet on the
same rows wait for each other and never in a ring:
warning → response → responsibilities → call-outs → attempts → tasks of a response.

They are taken FOR NO KEY UPDATE (`key_share=True`): an insert that points at a row asks for its key
(FOR KEY SHARE), as a new attempt does of its warning, and would wait against that order otherwise.
"""
