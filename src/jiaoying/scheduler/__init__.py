"""The metronome and the housekeeping."""
