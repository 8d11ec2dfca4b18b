"""A list taken over into the roster: compared, looked at, applied as a whole, undone; who is who."""
