"""The roster as pages read it, and changes by hand."""
