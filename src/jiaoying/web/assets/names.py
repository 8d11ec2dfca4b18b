"""The names that bundled assets are served under.

Each holds its content's hash, so that a browser may keep it for ever.
"""

import json
from functools import cache

from jiaoying.web.assets.bundle import BUILT

PREFIX = "/static/"


@cache
def asset_address(name: str) -> str:
    """The address of the asset with the plain `name` (`style.css`).

    Raises RuntimeError when the assets were never bundled.
    """
    try:
        return PREFIX + _manifest()[name]
    except (FileNotFoundError, KeyError) as error:
        raise RuntimeError(
            f"the page asset {name} was not built: run `python -m jiaoying.web.assets build`"
        ) from error


@cache
def _manifest() -> dict[str, str]:
    return json.loads((BUILT / "manifest.json").read_text(encoding="utf-8"))


def asset_names() -> frozenset[str]:
    """Every name that may be asked for; none while nothing is built."""
    try:
        return frozenset(_manifest().values())
    except FileNotFoundError:
        return frozenset()
