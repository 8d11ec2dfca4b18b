"""Who may sign in, who is signed in, and which programs may call: users, sessions and tokens.

Of a session and of a token only the SHA-256 is stored: whoever reads the database cannot use either.
"""

import asyncio
import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import delete, insert, select
from sqlalchemy.exc import IntegrityError

from jiaoying.kernel.errors import Refusal
from jiaoying.kernel.ids import new_id, new_token
from jiaoying.kernel.language import say
from jiaoying.ledger.append import append_entries
from jiaoying.ledger.entries import Entry
from jiaoying.storage.database import Tx
from jiaoying.storage.schema import api_tokens, user_sessions, users, warning_sources
from jiaoying.web.roles import Role

SCOPES = frozenset(
    {
        "warnings:read",
        "warnings:write",
        "callouts:write",
        "contacts:read",
        "contacts:write",
        "numbers:read",
        "readings:write",
        "duty:write",
    }
)
SESSION_HOURS = 12  # a shift
PASSWORD_LENGTH = (8, 256)
_NAME_LENGTH = 64

_hasher = PasswordHasher()


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who may sign in."""

    id: UUID
    name: str
    role: Role


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Somebody who did, and what each of their forms must carry."""

    account: Account
    csrf_token: str


async def add_user(tx: Tx, name: str, role: str, password: str, now: datetime) -> UUID:
    """Add somebody who may sign in.

    Raises Refusal when the name is taken or empty, the role is none of ours, or the password is too short.
    """
    name = name.strip()
    if not 1 <= len(name) <= _NAME_LENGTH:
        raise Refusal(say("The name must have 1 to {most} characters", most=_NAME_LENGTH))
    if role not in set(Role):
        raise Refusal(say("“{role}” is no role: choose one of {roles}", role=role, roles=", ".join(Role)))
    least, most = PASSWORD_LENGTH
    if not least <= len(password) <= most:
        raise Refusal(say("The password must have {least} to {most} characters", least=least, most=most))
    user_id = new_id(now)
    password_hash = await asyncio.to_thread(_hasher.hash, password)
    row = {"id": user_id, "name": name, "role": role, "password_hash": password_hash, "created_at": now}
    try:
        async with tx.begin_nested():
            await tx.execute(insert(users).values(row))
    except IntegrityError as error:
        raise Refusal(say("There is already somebody called {name}: choose another", name=name)) from error
    await append_entries(
        tx, [Entry(now, "user.added", "operator", facts={"role": role}, particulars={"name": name})]
    )
    return user_id


async def add_token(
    tx: Tx, name: str, scopes: Collection[str], now: datetime, *, source: str | None = None
) -> str:
    """Make a token for a program; what is returned is shown once and kept nowhere.

    What is pushed with it comes from the warning source named `source`. Raises Refusal when the name is
    taken or empty, a scope is none of ours, or there is no such source that pushes.
    """
    name = name.strip()
    if not 1 <= len(name) <= _NAME_LENGTH:
        raise Refusal(say("The name must have 1 to {most} characters", most=_NAME_LENGTH))
    strange = sorted(set(scopes) - SCOPES)
    if strange or not scopes:
        raise Refusal(
            say(
                "“{strange}” is no scope: choose from {scopes}",
                strange=", ".join(strange),
                scopes=", ".join(sorted(SCOPES)),
            )
        )
    token = new_token()
    source_id = None if source is None else await _pushing_source(tx, source)
    row = {
        "id": new_id(now),
        "name": name,
        "token_sha256": _sha256(token),
        "scopes": sorted(set(scopes)),
        "source_id": source_id,
        "created_at": now,
    }
    try:
        async with tx.begin_nested():
            await tx.execute(insert(api_tokens).values(row))
    except IntegrityError as error:
        raise Refusal(say("There is already somebody called {name}: choose another", name=name)) from error
    facts = {"scopes": row["scopes"], "source": source_id and str(source_id)}
    await append_entries(tx, [Entry(now, "token.added", "operator", facts=facts, particulars={"name": name})])
    return token


async def _pushing_source(tx: Tx, name: str) -> UUID:
    query = select(warning_sources.c.id).where(
        warning_sources.c.name == name, warning_sources.c.kind == "push"
    )
    source_id = await tx.scalar(query)
    if source_id is None:
        raise Refusal(
            say("There is no source {name} that pushes: `jiaoying sources list` names them", name=name)
        )
    return source_id


@dataclass(frozen=True, slots=True)
class TokenHolder:
    """A program that showed its token: under what name it is known, and what it may do.

    `source_id` is the warning source that it pushes for, where it is bound to one.
    """

    name: str
    scopes: frozenset[str]
    source_id: UUID | None = None


async def token_holder(tx: Tx, token: str) -> TokenHolder | None:
    """Who shows `token`, or None for a token that we never gave or took back."""
    row = (
        await tx.execute(
            select(api_tokens.c.name, api_tokens.c.scopes, api_tokens.c.source_id).where(
                api_tokens.c.token_sha256 == _sha256(token), api_tokens.c.revoked_at.is_(None)
            )
        )
    ).one_or_none()
    return None if row is None else TokenHolder(row.name, frozenset(row.scopes), row.source_id)


async def find_account(tx: Tx, name: str) -> tuple[Account, str] | None:
    """The account called `name` with its password hash; None when there is none or it is disabled."""
    row = (
        await tx.execute(select(users).where(users.c.name == name.strip(), users.c.disabled_at.is_(None)))
    ).one_or_none()
    return None if row is None else (Account(row.id, row.name, Role(row.role)), row.password_hash)


async def password_matches(password_hash: str | None, password: str) -> bool:
    """Whether `password` belongs to `password_hash`; takes as long for a name that nobody has (None)."""
    return await asyncio.to_thread(_verify, password_hash, password[: PASSWORD_LENGTH[1]])


async def open_session(tx: Tx, account: Account, wall: datetime) -> str:
    """Sign `account` in; returns the token for its cookie. `wall` is the system's time, never sped up."""
    token = new_token()
    row = {
        "token_sha256": _sha256(token),
        "user_id": account.id,
        "csrf_token": new_token(),
        "created_at": wall,
        "expires_at": wall + timedelta(hours=SESSION_HOURS),
    }
    await tx.execute(delete(user_sessions).where(user_sessions.c.expires_at <= wall))
    await tx.execute(insert(user_sessions).values(row))
    return token


async def read_session(tx: Tx, token: str, wall: datetime) -> SignedIn | None:
    """Who holds the cookie `token`, or None when it is unknown, expired, or its account disabled."""
    row = (
        await tx.execute(
            select(users.c.id, users.c.name, users.c.role, user_sessions.c.csrf_token)
            .join(users, users.c.id == user_sessions.c.user_id)
            .where(
                user_sessions.c.token_sha256 == _sha256(token),
                user_sessions.c.expires_at > wall,
                users.c.disabled_at.is_(None),
            )
        )
    ).one_or_none()
    return None if row is None else SignedIn(Account(row.id, row.name, Role(row.role)), row.csrf_token)


async def close_session(tx: Tx, token: str) -> None:
    """Sign the holder of the cookie `token` out."""
    await tx.execute(delete(user_sessions).where(user_sessions.c.token_sha256 == _sha256(token)))


def _sha256(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def _verify(password_hash: str | None, password: str) -> bool:
    try:
        _hasher.verify(password_hash or _nobodys_hash(), password)
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None


@cache
def _nobodys_hash() -> str:
    return _hasher.hash(new_token())
