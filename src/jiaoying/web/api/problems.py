"""Refusals as `application/problem+json` (RFC 9457), in the caller's language."""

import json
from collections.abc import Mapping, Sequence

from aiohttp import web

from jiaoying.kernel.errors import Complaint
from jiaoying.kernel.language import say

RETRY_S = 5
CONTENT_TYPE = "application/problem+json"


class Problem(Exception):
    """What was asked cannot be done; ends as an answer with `status`."""

    def __init__(
        self,
        status: int,
        title: str,
        complaints: Sequence[Complaint] = (),
        *,
        headers: Mapping[str, str] | None = None,
        more: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(title)
        self.status = status
        self.title = title
        self.complaints = tuple(complaints)
        self.headers = dict(headers or {})
        self.more = dict(more or {})

    def as_response(self) -> web.Response:
        """The answer that the caller gets."""
        body: dict[str, object] = {"type": "about:blank", "title": self.title, "status": self.status}
        if self.complaints:
            body["complaints"] = [
                {"code": one.code, "field": one.field, "text": one.text} for one in self.complaints
            ]
        text = json.dumps({**body, **self.more}, ensure_ascii=False)
        return web.Response(text=text, status=self.status, content_type=CONTENT_TYPE, headers=self.headers)


def malformed(field: str, text: str) -> Problem:
    """400: one field of the request is wrong; `text` says what to write instead."""
    title = say("The request could not be understood: {field}: {text}", field=field, text=text)
    return Problem(400, title, [Complaint("malformed", field, text)])


def not_there() -> Problem:
    """404."""
    return Problem(404, say("There is nothing with this id"))


def database_away() -> Problem:
    """503: nothing was taken; the same request may be sent again."""
    title = say("The database cannot be reached; nothing was stored. Please send it again")
    return Problem(503, title, headers={"Retry-After": str(RETRY_S)})
