"""Where an index may lead us, and where not."""

from ipaddress import ip_address

import pytest
from yarl import URL

from jiaoying.warnings.feeds.targets import (
    RefusedTarget,
    is_inner,
    is_public,
    lies_inside,
    read_address,
    read_link,
)

SOURCE = URL("https://cap.example.gov.cn/feeds/rss.xml")


@pytest.mark.parametrize(
    ("link", "leads_to"),
    [
        ("https://cap.example.gov.cn/one.xml", "https://cap.example.gov.cn/one.xml"),
        ("one.xml?a=1#part", "https://cap.example.gov.cn/feeds/one.xml?a=1"),
        ("//cap.example.gov.cn/x", "https://cap.example.gov.cn/x"),
        ("https://CAP.Example.gov.cn./x", "https://cap.example.gov.cn./x"),
        ("https://cap.example.gov.cn:443/x", "https://cap.example.gov.cn/x"),
        ("https://mirror.example.gov.cn/x", "https://mirror.example.gov.cn/x"),
    ],
)
def test_own_hosts_are_followed(link: str, leads_to: str) -> None:
    target = read_link(link, SOURCE, ["mirror.example.gov.cn"])
    assert isinstance(target, URL)
    assert str(target) == leads_to


@pytest.mark.parametrize(
    "link",
    [
        "http://cap.example.gov.cn/x",  # not as safe as the source
        "https://cap.example.gov.cn:8443/x",
        "https://cap.example.gov.cn@evil.example/x",
        "https://user:word@cap.example.gov.cn/x",
        "https://evil.example/x",
        "https://cap.example.gov.cn.evil.example/x",
        "https://xcap.example.gov.cn/x",
        "https://127.0.0.1/x",
        "https://[::ffff:127.0.0.1]/x",
        "https://cap.example.gov.cn\\@evil.example/x",
        "https:\\\\evil.example/x",
        "ht\ttps://evil.example/x",
        "https://cap.example.gov.cn:99999/x",
        "file:///etc/passwd",
        "data:text/xml,<alert/>",
        "javascript:alert(1)",
        "gopher://cap.example.gov.cn/x",
        "",
        "https://cap.example.gov.cn/" + "x" * 3000,
    ],
)
def test_nothing_else_is(link: str) -> None:
    assert isinstance(read_link(link, SOURCE, ()), RefusedTarget)


def test_a_source_by_http_may_lead_to_http_and_to_its_own_port() -> None:
    source = URL("http://10.1.2.3:8080/rss.xml")
    for link in ("http://10.1.2.3:8080/x", "http://10.1.2.3/x", "https://10.1.2.3/x", "/x"):
        assert isinstance(read_link(link, source, ()), URL), link
    assert isinstance(read_link("http://10.1.2.3:9000/x", source, ()), RefusedTarget)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "cap.example.gov.cn",
        "ftp://x/",
        "https:///x",
        "https://u:p@x/",
        "https://x/{province}",
        "https://x y/",
    ],
)
def test_what_is_no_address_is_not_asked(address: str) -> None:
    assert isinstance(read_address(address), RefusedTarget)


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0"),
        *("224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fc00::1", "::ffff:10.0.0.1"),
        *("2002:7f00:1::", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe"),
    ],
)
def test_inner_addresses_are_known_in_every_dress(address: str) -> None:
    assert not is_public(ip_address(address))


def test_public_and_inner_addresses() -> None:
    assert is_public(ip_address("8.8.8.8"))
    assert is_public(ip_address("2606:4700::1111"))
    assert is_public(ip_address("64:ff9b::808:808"))
    for address in ("127.0.0.1", "10.0.0.1", "::1", "fc00::1", "::ffff:192.168.0.1"):
        assert is_inner(ip_address(address)), address
    for address in ("169.254.169.254", "0.0.0.0", "fe80::1", "8.8.8.8", "224.0.0.1"):
        assert not is_inner(ip_address(address)), address


def test_an_address_may_say_itself_that_it_lies_inside() -> None:
    assert lies_inside(URL("http://10.1.2.3/x"))
    assert lies_inside(URL("http://localhost:8080/x"))
    assert lies_inside(URL("http://[::1]/x"))
    assert not lies_inside(URL("https://cap.example.gov.cn/x"))
    assert not lies_inside(URL("https://8.8.8.8/x"))
