"""Somebody goes to the door of who was not woken (上门), and nothing ends without a person or the list."""

from jiaoying.dispatch.ladders.reading import parse_book
from jiaoying.dispatch.ladders.writing import book_to_data
