"""The console's script and style sheet: their sources, the bundling, and the names they are served under."""
