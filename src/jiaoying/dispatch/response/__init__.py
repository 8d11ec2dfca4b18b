"""Responses (应急响应): the level in force, and what departments and enterprises are ordered to do under it."""
