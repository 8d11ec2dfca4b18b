"""What happens to every request: language, session, forms that are ours, errors as sentences, headers."""

import hmac
import re

import structlog
from aiohttp import ClientConnectionResetError, web
from yarl import URL

from jiaoying.dispatch.links import PATH as LINK_PATH
from jiaoying.dispatch.store.steering import pauses
from jiaoying.duty.log_files import MAX_LOG_FILE_BYTES, MOST_LOG_FILES
from jiaoying.kernel.clock import wall_now
from jiaoying.kernel.errors import Refusal
from jiaoying.kernel.ids import new_token
from jiaoying.kernel.language import LANGUAGES, best_language, say, speaking
from jiaoying.kernel.sheets import MAX_FILE_BYTES
from jiaoying.web.accounts import SignedIn, read_session
from jiaoying.web.context import (
    DATABASE_TROUBLE,
    PAUSES,
    SIGNED_IN,
    Handler,
    is_fragment,
    is_secure,
    may,
    parts_of,
)
from jiaoying.web.pages import render, see_other
from jiaoying.web.roles import May
from jiaoying.web.sign_in import SESSION_COOKIE

LANGUAGE_COOKIE = "jiaoying_language"
_YEAR_S = 365 * 24 * 3600
# Programs call these with a token or a signature of their own; they know no sessions and no pages.
_MACHINE_PATHS = ("/api/", "/callbacks/", "/static/", "/healthz", "/readyz", "/metrics")
_OPEN_PATHS = ("/sign-in",)
# The forms that carry files, for whom, and up to which size; all others are read within the application's
# measure.
UPLOAD_PATH = "/roster/imports"
_FIELDS_BYTES = 256 * 1024
_UPLOADS = (
    (re.compile(re.escape(UPLOAD_PATH)), May.EDIT_ROSTER, MAX_FILE_BYTES + _FIELDS_BYTES),
    (
        re.compile(r"/duty/(?:[0-9a-f-]{36}/log|log/[0-9a-f-]{36}|consultations)"),
        May.LOG_ANSWERS,
        MAX_LOG_FILE_BYTES * MOST_LOG_FILES + _FIELDS_BYTES,
    ),
)
_PROBLEM_TYPE = "application/problem+json"
_RETRY_S = 5

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
SECURITY_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Server": "jiaoying",
}

log = structlog.get_logger(__name__)


def is_for_machines(path: str) -> bool:
    """Whether programs, not people with a browser, ask for `path`."""
    return path.startswith(_MACHINE_PATHS)


async def add_security_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Signal handler: the headers stand on every answer, also on refusals and streams."""
    response.headers.update(SECURITY_HEADERS)
    if request.path.startswith(LINK_PATH):
        response.headers["Referrer-Policy"] = "no-referrer"
    if is_secure(request):
        response.headers["Strict-Transport-Security"] = f"max-age={_YEAR_S}"


@web.middleware
async def speak_their_language(request: web.Request, handler: Handler) -> web.StreamResponse:
    """`?lang=` decides and is remembered, then the cookie, then the installation's language."""
    asked = request.query.get("lang")
    known = request.cookies.get(LANGUAGE_COOKIE)
    language = best_language(asked) if asked else known
    if language not in LANGUAGES:
        language = parts_of(request).settings.language
    with speaking(language):
        answer = await handler(request)
    if asked and not answer.prepared:
        answer.set_cookie(
            LANGUAGE_COOKIE,
            language,
            max_age=_YEAR_S,
            httponly=True,
            samesite="Lax",
            secure=is_secure(request),
            path="/",
        )
    return answer


@web.middleware
async def tell_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Whatever goes wrong ends as a sentence: a page for people, problem+json for programs."""
    try:
        # No database stores this sign, and nobody types it.
        if "\0" in request.rel_url.query_string:
            raise web.HTTPBadRequest
        return await handler(request)
    except web.HTTPException as error:
        if error.status < 400 or error.content_type == _PROBLEM_TYPE:
            raise
        return _explain(request, error.status, _sentence_for(error.status), error)
    except ClientConnectionResetError:
        # Nobody is there any more to be told anything.
        raise
    except Refusal as refusal:
        return _explain(request, 422, str(refusal))
    except DATABASE_TROUBLE as error:
        log.warning("database_away", path=_path_for_log(request), error=repr(error))
        answer = _explain(
            request, 503, say("The database cannot be reached. This page will work again when it is back.")
        )
        answer.headers["Retry-After"] = str(_RETRY_S)
        return answer
    except Exception:
        number = new_token()[:8]
        log.exception("request_failed", path=_path_for_log(request), number=number)
        return _explain(
            request, 500, say("Something went wrong here. It is in the log as {number}.", number=number)
        )


@web.middleware
async def know_who_asks(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Console pages need a session; everything that changes something needs its token as well."""
    if is_for_machines(request.path):
        return await handler(request)
    asking = await _read_session(request)
    if asking is not None:
        request[SIGNED_IN] = asking
    # Whoever has a link answers without signing in; the token in it is their proof.
    if request.path in _OPEN_PATHS or request.path.startswith(LINK_PATH):
        return await handler(request)
    if asking is None:
        return _to_sign_in(request)
    if request.method in ("GET", "HEAD"):
        return await handler(request)
    for path, wish, largest in _UPLOADS:
        if path.fullmatch(request.path) and may(request, wish):
            request = request.clone(client_max_size=largest)
    return await _take_form(request, asking, handler)


async def _take_form(request: web.Request, asking: SignedIn, handler: Handler) -> web.StreamResponse:
    posted = await request.post()
    try:
        await _check_form_token(request, asking)
        return await handler(request)
    finally:
        for value in posted.values():
            if isinstance(value, web.FileField):
                value.file.close()


async def _read_session(request: web.Request) -> SignedIn | None:
    token = request.cookies.get(SESSION_COOKIE)
    if not token:
        return None
    async with parts_of(request).database.transaction() as tx:
        request[PAUSES] = await pauses(tx)
        return await read_session(tx, token, wall_now())


def _to_sign_in(request: web.Request) -> web.StreamResponse:
    if is_fragment(request):
        return web.Response(status=401, headers={"HX-Redirect": "/sign-in"})
    if request.method == "GET" and request.path != "/live":
        return see_other(str(URL("/sign-in").with_query(next=request.path_qs)))
    raise web.HTTPUnauthorized


async def _check_form_token(request: web.Request, asking: SignedIn) -> None:
    token = request.headers.get("X-CSRF-Token") or str((await request.post()).get("csrf", ""))
    if not hmac.compare_digest(token.encode(), asking.csrf_token.encode()):
        raise web.HTTPForbidden


def _explain(
    request: web.Request, status: int, sentence: str, original: web.HTTPException | None = None
) -> web.StreamResponse:
    if is_for_machines(request.path):
        answer: web.StreamResponse = web.json_response(
            {"type": "about:blank", "title": sentence, "status": status},
            status=status,
            content_type=_PROBLEM_TYPE,
        )
    elif is_fragment(request):
        answer = render(request, "error_fragment.html", status=status, sentence=sentence)
    else:
        answer = render(request, "error.html", status=status, code=status, sentence=sentence)
    for name in ("Allow", "Retry-After"):
        if original is not None and name in original.headers:
            answer.headers[name] = original.headers[name]
    return answer


def _path_for_log(request: web.Request) -> str:
    """A link's token answers for its bearer and has no business in a log."""
    return LINK_PATH if request.path.startswith(LINK_PATH) else request.path


def _sentence_for(status: int) -> str:
    return {
        401: say("Please sign in first."),
        403: say("Your role may not do this, or the page was open too long. Reload it and try again."),
        404: say(
            "There is nothing at this address. It may have been mistyped, or be from another installation."
        ),
        405: say("This address cannot be used in this way."),
        413: say("What was sent is too large."),
    }.get(status, say("The request could not be understood."))
