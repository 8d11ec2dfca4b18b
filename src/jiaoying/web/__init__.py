"""HTTP: the API, the carriers' callbacks, the console."""
