"""Callback addresses name an attempt and cannot be guessed."""

from urllib.parse import parse_qsl, unquote, urlsplit
from uuid import UUID

from jiaoying.gateways.twilio.addresses import CallbackAddresses, attempt_token

ATTEMPT = UUID("0198f0aa-0000-7000-8000-000000000001")
OTHER = UUID("0198f0aa-0000-7000-8000-000000000002")


def query_of(address: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(address).query))


def test_an_address_leads_back_to_its_attempt() -> None:
    addresses = CallbackAddresses("https://yujing.example.cn/", ["secret"])
    address = addresses.of("gather", ATTEMPT, repeats=1, wrong=2)
    assert address.startswith("https://yujing.example.cn/callbacks/twilio/gather?")
    assert query_of(address)["repeats"] == "1"
    assert addresses.attempt_in(query_of(address)) == ATTEMPT


def test_the_quoted_address_is_the_same_address() -> None:
    addresses = CallbackAddresses("https://yujing.example.cn", ["secret"])
    assert unquote(addresses.quoted("voice", ATTEMPT)) == addresses.of("voice", ATTEMPT)


def test_an_address_of_no_attempt_names_none() -> None:
    addresses = CallbackAddresses("https://yujing.example.cn", ["secret"])
    assert addresses.attempt_in(query_of(addresses.of("gather", None, repeats=0))) is None


def test_a_token_is_for_one_attempt() -> None:
    addresses = CallbackAddresses("https://yujing.example.cn", ["secret"])
    wrong = {"attempt": str(OTHER), "token": attempt_token("secret", ATTEMPT)}
    assert addresses.attempt_in(wrong) is None
    assert addresses.attempt_in({"attempt": str(ATTEMPT), "token": ""}) is None
    assert addresses.attempt_in({"attempt": str(ATTEMPT), "token": "é"}) is None
    assert addresses.attempt_in({"attempt": "x", "token": "y"}) is None
    assert addresses.attempt_in({}) is None


def test_the_token_before_the_change_still_opens() -> None:
    before = CallbackAddresses("https://yujing.example.cn", ["old"])
    after = CallbackAddresses("https://yujing.example.cn", ["new", "old"])
    assert after.attempt_in(query_of(before.of("voice", ATTEMPT))) == ATTEMPT
    assert before.attempt_in(query_of(after.of("voice", ATTEMPT))) is None
