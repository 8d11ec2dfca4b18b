"""Responses (应急响应): the level in force, and what is ordered to be done under it."""
