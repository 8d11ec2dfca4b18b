"""How well people were woken by a drill or a warning, in figures, beside the drills before it."""
