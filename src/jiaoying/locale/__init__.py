"""Catalogues: one folder for each language, one file for each room."""
