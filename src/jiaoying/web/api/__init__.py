"""The HTTP API for programs, `/api/v1`."""

from jiaoying.web.api.table import routes

__all__ = ["routes"]
