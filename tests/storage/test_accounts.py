"""Users and tokens in the database."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select, update

from jiaoying.kernel.errors import Refusal
from jiaoying.storage.database import Database
from jiaoying.storage.schema import api_tokens, users
from jiaoying.web.accounts import (
    add_token,
    add_user,
    find_account,
    password_matches,
    token_holder,
)

NOW = datetime(2026, 7, 14, 19, 12, 45, tzinfo=UTC)


async def test_a_password_is_kept_as_a_hash_only(database: Database) -> None:
    async with database.transaction() as tx:
        await add_user(tx, " 王芳 ", "officer", "correct horse", NOW)
        stored = (await tx.execute(select(users))).one()
        found = await find_account(tx, "王芳")
    assert stored.password_hash.startswith("$argon2id$")
    assert found is not None
    assert await password_matches(found[1], "correct horse")
    assert not await password_matches(found[1], "correct horse ")
    assert not await password_matches(None, "correct horse")


@pytest.mark.parametrize(
    ("name", "role", "password"),
    [
        ("", "officer", "correct horse"),
        ("x" * 65, "officer", "correct horse"),
        ("a", "king", "correct horse"),
        ("a", "officer", "short"),
        ("a", "officer", "x" * 257),
        ("taken", "officer", "correct horse"),
    ],
)
async def test_what_cannot_be_added_is_refused(
    database: Database, name: str, role: str, password: str
) -> None:
    async with database.transaction() as tx:
        await add_user(tx, "taken", "leader", "correct horse", NOW)
        with pytest.raises(Refusal):
            await add_user(tx, name, role, password, NOW)
        # The refusal leaves the transaction usable.
        assert len((await tx.execute(select(users))).all()) == 1


async def test_of_a_token_only_the_digest_is_kept(database: Database) -> None:
    async with database.transaction() as tx:
        token = await add_token(tx, "feed", ["warnings:write", "warnings:read"], NOW)
        stored = (await tx.execute(select(api_tokens))).one()
        assert token.encode() not in stored.token_sha256
        holder = await token_holder(tx, token)
        assert holder is not None
        assert (holder.name, holder.scopes) == ("feed", {"warnings:write", "warnings:read"})
        assert await token_holder(tx, token + "x") is None
        await tx.execute(update(api_tokens).values(revoked_at=NOW))
        assert await token_holder(tx, token) is None


@pytest.mark.parametrize(("name", "scopes"), [("feed", ["all"]), ("feed", []), ("", ["warnings:read"])])
async def test_a_token_for_nothing_or_anything_is_refused(
    database: Database, name: str, scopes: list[str]
) -> None:
    async with database.transaction() as tx:
        with pytest.raises(Refusal):
            await add_token(tx, name, scopes, NOW)
