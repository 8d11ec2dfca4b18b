"""The county that `make run` shows: its warnings, people and places, all made up or public."""
