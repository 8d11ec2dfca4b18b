"""Which addresses may be asked at all: nothing is fetched because a message says so. Pure.

An index names links. One is followed only to the source's own hosts, by https (or http, where the source
itself is http), at the default port or that of the source. What a name leads to is checked when it is
resolved (feeds/resolver.py).
"""

from collections.abc import Collection
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address

from yarl import URL

from jiaoying.kernel.language import say

Address = IPv4Address | IPv6Address
LONGEST_LINK = 2000
# RFC 6052, 2.1: an IPv4 address inside an IPv6 one, for networks that translate.
_NAT64 = IPv6Address("64:ff9b::").packed[:12]


@dataclass(frozen=True, slots=True)
class RefusedTarget:
    """An address that is not asked, and why."""

    reason: str


def read_address(text: str) -> URL | RefusedTarget:
    """The address of a polled source, as an operator wrote it."""
    if "{" in text or "}" in text:
        return RefusedTarget(say("replace what stands in braces with your own"))
    url = _parsed(text)
    if url is None or url.scheme not in ("http", "https") or not url.raw_host:
        return RefusedTarget(say("write a whole address that begins with https://"))
    if url.raw_user is not None or url.raw_password is not None:
        return RefusedTarget(say("leave name and password out of the address: write them as a credential"))
    return url.with_fragment(None)


def read_link(link: str, source: URL, allowed_hosts: Collection[str]) -> URL | RefusedTarget:
    """Where an entry of the index at `source`, or a redirect from it, leads; relative ones are completed."""
    parsed = _parsed(link)
    if parsed is None:
        return RefusedTarget(say("the link cannot be read"))
    try:
        target = source.join(parsed).with_fragment(None)
    except ValueError:
        return RefusedTarget(say("the link cannot be read"))
    if target.scheme != "https" and not (target.scheme == "http" == source.scheme):
        return RefusedTarget(say("the link does not lead to an https address"))
    if target.raw_user is not None or target.raw_password is not None:
        return RefusedTarget(say("the link carries a name or a password"))
    hosts = {host_of(source), *(one.lower().rstrip(".") for one in allowed_hosts)}
    if host_of(target) not in hosts:
        return RefusedTarget(say("the link leads to another host: {host}", host=host_of(target)[:100]))
    default = {"https": 443, "http": 80}[target.scheme]
    if target.port not in (default, source.port):
        return RefusedTarget(say("the link leads to another port: {port}", port=target.port))
    return target


def host_of(url: URL) -> str:
    """The host as it is compared: small letters, no dot at the end."""
    return (url.raw_host or "").lower().rstrip(".")


def literal_address(host: str) -> Address | None:
    """The address where `host` is written as one, else None."""
    try:
        return ip_address(host.strip("[]"))
    except ValueError:
        return None


def lies_inside(url: URL) -> bool:
    """Whether an address itself says that it lies in a network of our own: `10.1.2.3`, `localhost`."""
    host = host_of(url)
    literal = literal_address(host)
    return host == "localhost" or (literal is not None and not is_public(literal))


def is_public(address: Address) -> bool:
    """Whether `address` belongs to the internet: not private, shared or link-local, not this machine."""
    address = _carried(address)
    return address.is_global and not address.is_multicast and not address.is_reserved


def is_inner(address: Address) -> bool:
    """Whether it is a usual address of a network of our own, or of this machine."""
    address = _carried(address)
    return (address.is_private or address.is_loopback) and not (
        address.is_link_local or address.is_unspecified or address.is_multicast
    )


def _carried(address: Address) -> Address:
    """The IPv4 address that an IPv6 one stands for, where it does."""
    if isinstance(address, IPv4Address):
        return address
    teredo = address.teredo[1] if address.teredo else None
    nat64 = IPv4Address(address.packed[12:]) if address.packed[:12] == _NAT64 else None
    return address.ipv4_mapped or address.sixtofour or teredo or nat64 or address


def _parsed(text: str) -> URL | None:
    text = text.strip()
    # What browsers mend (backslashes, tabs, line ends) is where two readers of one address disagree.
    if not text or len(text) > LONGEST_LINK or any(ord(sign) <= 32 or sign in "\\\x7f" for sign in text):
        return None
    try:
        url = URL(text)
        url.port  # noqa: B018 - an impossible port is found when it is asked for
    except ValueError:
        return None
    return url
