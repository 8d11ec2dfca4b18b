"""Ladders (叫应预案): for hazard × colour × hour × tier, whom to ask, how, how long to wait, then whom."""
