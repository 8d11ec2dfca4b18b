"""Responses (应急响应): the level that is in force, and the tasks that departments and enterprises have under it."""
