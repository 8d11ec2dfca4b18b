"""Signing in and out: name and password, throttled; the form carries a token that its own cookie repeats."""

import hmac
from collections import OrderedDict, deque
from dataclasses import dataclass, field

from aiohttp import web

from jiaoying.kernel.clock import monotonic, wall_now
from jiaoying.kernel.ids import new_token
from jiaoying.kernel.language import say
from jiaoying.ledger.append import append_entries
from jiaoying.ledger.entries import Entry
from jiaoying.web.accounts import (
    SESSION_HOURS,
    Account,
    close_session,
    find_account,
    open_session,
    password_matches,
)
from jiaoying.web.context import is_secure, parts_of, who_asks
from jiaoying.web.pages import render, see_other

SESSION_COOKIE = "jiaoying_session"
_FORM_COOKIE = "jiaoying_sign_in"
_FORM_SECONDS = 3600
_WINDOW_S = 300
_FAILURES_PER_NAME_AND_ADDRESS = 5
_FAILURES_PER_ADDRESS = 50  # a county office may sit behind one address
_REMEMBERED_KEYS = 10_000


@dataclass(slots=True)
class Throttle:
    """Counts failures of the last five minutes for each name and address, and for each address."""

    _failures: OrderedDict[tuple[str, ...], deque[float]] = field(
        default_factory=OrderedDict[tuple[str, ...], "deque[float]"]
    )

    def is_barred(self, name: str, address: str, at: float) -> bool:
        """Whether another try must wait. `at` is in seconds of any clock that never jumps."""
        return (
            self._recent((name, address), at) >= _FAILURES_PER_NAME_AND_ADDRESS
            or self._recent((address,), at) >= _FAILURES_PER_ADDRESS
        )

    def note_failure(self, name: str, address: str, at: float) -> None:
        """Count one failed try."""
        for key in ((name, address), (address,)):
            self._failures.setdefault(key, deque(maxlen=_FAILURES_PER_ADDRESS)).append(at)
            self._failures.move_to_end(key)
        while len(self._failures) > _REMEMBERED_KEYS:
            self._failures.popitem(last=False)

    @property
    def size(self) -> int:
        """How many names and addresses are remembered."""
        return len(self._failures)

    def _recent(self, key: tuple[str, ...], at: float) -> int:
        return sum(1 for failed_at in self._failures.get(key, ()) if at - failed_at < _WINDOW_S)


THROTTLE = web.AppKey("throttle", Throttle)


async def show_sign_in(request: web.Request) -> web.StreamResponse:
    """The form."""
    if who_asks(request) is not None:
        return see_other(local_path(request.query.get("next", "")))
    return _form(request, next_path=request.query.get("next", ""))


async def sign_in(request: web.Request) -> web.StreamResponse:
    """Check name and password; a session begins, or the form comes back with one sentence."""
    form = await request.post()
    name, password = str(form.get("name", "")).strip(), str(form.get("password", ""))
    next_path = str(form.get("next", ""))
    if not _is_own_form(request, str(form.get("csrf", ""))):
        return _form(request, next_path, say("The form was open too long. Please try again."), status=403)
    throttle, address, at = request.config_dict[THROTTLE], request.remote or "", monotonic()
    if throttle.is_barred(name, address, at):
        return _form(request, next_path, say("Too many failed tries. Please wait five minutes."), status=429)
    account = await _check(request, name, password)
    if account is None:
        throttle.note_failure(name, address, at)
        return _form(request, next_path, say("Name or password is wrong."), name=name, status=403)
    return await _welcome(request, account, next_path)


async def sign_out(request: web.Request) -> web.StreamResponse:
    """End the session here and in the database."""
    parts, token = parts_of(request), request.cookies.get(SESSION_COOKIE)
    if token:
        async with parts.database.transaction() as tx:
            await close_session(tx, token)
    answer = see_other("/sign-in")
    answer.del_cookie(SESSION_COOKIE, path="/")
    return answer


async def _check(request: web.Request, name: str, password: str) -> Account | None:
    async with parts_of(request).database.transaction() as tx:
        found = await find_account(tx, name)
    account, password_hash = found or (None, None)
    return account if await password_matches(password_hash, password) else None


async def _welcome(request: web.Request, account: Account, next_path: str) -> web.StreamResponse:
    parts = parts_of(request)
    async with parts.database.transaction() as tx:
        token = await open_session(tx, account, wall_now())
        facts = {"user_id": account.id, "role": account.role}
        await append_entries(
            tx,
            [
                Entry(
                    parts.clock.now(),
                    "user.signed_in",
                    "web",
                    facts=facts,
                    particulars={"name": account.name},
                )
            ],
        )
    answer = see_other(local_path(next_path))
    answer.set_cookie(
        SESSION_COOKIE,
        token,
        max_age=SESSION_HOURS * 3600,
        httponly=True,
        samesite="Lax",
        secure=is_secure(request),
        path="/",
    )
    answer.del_cookie(_FORM_COOKIE, path="/sign-in")
    return answer


def _form(
    request: web.Request, next_path: str, trouble: str = "", *, name: str = "", status: int = 200
) -> web.Response:
    token = new_token()
    answer = render(
        request,
        "sign_in.html",
        status=status,
        form_token=token,
        next_path=next_path,
        trouble=trouble,
        name=name,
    )
    answer.set_cookie(
        _FORM_COOKIE,
        token,
        max_age=_FORM_SECONDS,
        httponly=True,
        samesite="Strict",
        secure=is_secure(request),
        path="/sign-in",
    )
    return answer


def _is_own_form(request: web.Request, token: str) -> bool:
    cookie = request.cookies.get(_FORM_COOKIE, "")
    return bool(cookie) and hmac.compare_digest(cookie.encode(), token.encode())


def local_path(wanted: str) -> str:
    """`wanted` when it is a path of ours, else the front page; never another host."""
    plain = wanted.startswith("/") and not wanted.startswith("//") and "\\" not in wanted
    return wanted if plain and wanted.isprintable() else "/warnings"
