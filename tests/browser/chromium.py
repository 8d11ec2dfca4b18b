"""Debian's Chromium, driven over its DevTools protocol: https://chromedevtools.github.io/devtools-protocol/."""

import asyncio
import base64
import json
import shutil
import tempfile
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import ClientSession, ClientWebSocketResponse

CHROMIUM = "/usr/bin/chromium"
START_S = 30.0
WAIT_S = 40.0
BETWEEN_PAGES = (
    "Inspected target navigated or closed",
    "Cannot find default execution context",
    "Execution context was destroyed",
)
_FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--no-first-run",
    "--hide-scrollbars",
    "--lang=zh-CN",
    "--remote-debugging-port=0",
    # A page that asks for any other machine fails, as on a county network without internet.
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
)


@dataclass(slots=True)
class Tab:
    """One open page. `complaints` holds what the browser objected to: errors, refused scripts and styles."""

    socket: ClientWebSocketResponse
    complaints: list[str] = field(default_factory=list[str])
    _next_id: int = 0

    async def command(self, method: str, **parameters: Any) -> Any:
        """Ask the browser for something. Raises RuntimeError with its words when it refuses."""
        self._next_id += 1
        await self.socket.send_str(
            json.dumps({"id": self._next_id, "method": method, "params": parameters}, ensure_ascii=False)
        )
        while True:
            message = json.loads(await self.socket.receive_str(timeout=WAIT_S * 3))
            self._note(message)
            if message.get("id") == self._next_id:
                if "error" in message:
                    raise RuntimeError(f"{method}: {message['error']}")
                return message["result"]

    async def open(self, address: str) -> None:
        """Go to `address` and wait until it is drawn and its script has run."""
        await self.command("Page.navigate", url=address)
        await self.until("document.readyState === 'complete' && location.href !== 'about:blank'")

    async def value_of(self, expression: str) -> Any:
        """What a JavaScript expression is worth in the page."""
        result = await self.command(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True
        )
        if "exceptionDetails" in result:
            raise RuntimeError(f"{expression}: {result['exceptionDetails']}")
        return result["result"].get("value")

    async def until(self, expression: str) -> None:
        """Wait until a JavaScript expression is true. Raises TimeoutError."""
        async with asyncio.timeout(WAIT_S):
            while not await self._is_true(expression):  # noqa: ASYNC110 - a page cannot ring
                await asyncio.sleep(0.05)

    async def _is_true(self, expression: str) -> bool:
        """Not while one page gives way to the next: then nothing can be asked of either."""
        try:
            return await self.value_of(f"Boolean({expression})")
        except RuntimeError as error:
            if any(words in str(error) for words in BETWEEN_PAGES):
                return False
            raise

    async def fill(self, selector: str, text: str) -> None:
        """Type into a field, once it is shown."""
        found = await self._shown(selector)
        await self.value_of(f"{found}.focus()")
        await self.command("Input.insertText", text=text)

    async def click(self, selector: str) -> None:
        """Click the first element that `selector` finds, once it is shown."""
        found = await self._shown(selector)
        await self.value_of(f"{found}.click()")

    async def press(self, selector: str) -> Callable[[], Awaitable[None]]:
        """Press the mouse on an element and hold it; returns what lets go at the same place."""
        found = await self._shown(selector)
        middle = f"(box => [box.x + box.width / 2, box.y + box.height / 2])({found}.getBoundingClientRect())"
        x, y = await self.value_of(middle)
        where = {"x": x, "y": y, "button": "left", "clickCount": 1}
        await self.command("Input.dispatchMouseEvent", type="mousePressed", **where)

        async def let_go() -> None:
            await self.command("Input.dispatchMouseEvent", type="mouseReleased", **where)

        return let_go

    async def choose_file(self, selector: str, path: Path) -> None:
        """Choose a file in a form, as the browser's own dialog would."""
        await self._shown(selector)
        root = (await self.command("DOM.getDocument"))["root"]["nodeId"]
        found = await self.command("DOM.querySelector", nodeId=root, selector=selector)
        await self.command("DOM.setFileInputFiles", files=[str(path)], nodeId=found["nodeId"])

    async def _shown(self, selector: str) -> str:
        """Wait as a person does: a card is in the page before its dialog opens and takes the focus."""
        found = f"document.querySelector({json.dumps(selector)})"
        await self.until(f"{found}?.checkVisibility()")
        return found

    async def resize(self, width: int, height: int, *, dark: bool = False) -> None:
        """Become a window of this size; below 500 pixels a phone."""
        await self.command(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=width < 500,
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        await self.command("Emulation.setEmulatedMedia", features=[scheme])

    async def screenshot(self, path: Path, *, whole: bool = True) -> None:
        """The page as a picture; `whole` also shows what one would scroll to."""
        await self.until("document.readyState === 'complete'")
        shot = await self.command("Page.captureScreenshot", captureBeyondViewport=whole, format="png")
        await asyncio.to_thread(path.write_bytes, base64.b64decode(shot["data"]))

    def _note(self, message: dict[str, Any]) -> None:
        method, given = message.get("method"), message.get("params", {})
        if method == "Log.entryAdded" and given["entry"]["level"] == "error":
            self.complaints.append(f"{given['entry']['text']} {given['entry'].get('url', '')}")
        elif method == "Runtime.exceptionThrown":
            self.complaints.append(str(given["exceptionDetails"]))


@asynccontextmanager
async def chromium_tab() -> AsyncGenerator[Tab]:
    """A browser with an empty profile and one tab; gone at the end."""
    profile = Path(tempfile.mkdtemp(prefix="jiaoying-chromium-"))
    browser = await asyncio.create_subprocess_exec(
        CHROMIUM,
        *_FLAGS,
        f"--user-data-dir={profile}",
        "about:blank",
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        port = await _port_of(profile)
        async with ClientSession() as session:
            async with session.get(f"http://127.0.0.1:{port}/json/list") as answer:
                pages = [target for target in await answer.json() if target["type"] == "page"]
            async with session.ws_connect(pages[0]["webSocketDebuggerUrl"], max_msg_size=0) as socket:
                tab = Tab(socket)
                for domain in ("Page", "Runtime", "Log", "Network"):
                    await tab.command(f"{domain}.enable")
                yield tab
    finally:
        browser.terminate()
        await browser.wait()
        shutil.rmtree(profile, ignore_errors=True)


async def _port_of(profile: Path) -> int:
    written = profile / "DevToolsActivePort"
    async with asyncio.timeout(START_S):
        while not (written.exists() and written.read_text().strip()):  # noqa: ASYNC110 - nor can a file
            await asyncio.sleep(0.05)
    return int(written.read_text().splitlines()[0])
