"""The shapes of this API's answers: records, pages of records, errors."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar
from urllib.parse import urlencode

from aiohttp import web

from jiaoying.gateways.simulator.network import API_VERSION, mail_date
from jiaoying.gateways.simulator.records import Call, Message
from jiaoying.gateways.simulator.texting import shown_status

R = TypeVar("R", Message, Call)

# Code → HTTP status and sentence, after twilio.com/docs/api/errors.
ERRORS: Mapping[int, tuple[int, str]] = {
    20001: (400, "Invalid parameter {value}"),
    20003: (401, "Authenticate"),
    20404: (404, "The requested resource {value} was not found"),
    20429: (429, "Too Many Requests"),
    20500: (500, "An internal server error has occurred"),
    21205: (400, "Url is not a valid URL: {value}"),
    21210: (400, "The source phone number provided, {value}, is not yet verified for your account."),
    21211: (400, "The 'To' number {value} is not a valid phone number."),
    21212: (
        400,
        "The 'From' number {value} is not a valid phone number, shortcode, or alphanumeric sender ID.",
    ),
    21220: (400, "Call is not in-progress. Cannot redirect."),
    21408: (
        400,
        "Permission to send an SMS has not been enabled for the region of the 'To' number: {value}.",
    ),
    21602: (400, "Message body is required."),
    21603: (400, "A 'From' phone number is required."),
    21604: (400, "A 'To' phone number is required."),
    21606: (
        400,
        "The From phone number {value} is not a valid, SMS-capable inbound phone number for your account.",
    ),
    21609: (400, "The 'StatusCallback' URL {value} is not a valid URL."),
    21610: (400, "Attempt to send to unsubscribed recipient"),
    21611: (429, "This 'From' number has exceeded the maximum number of queued messages"),
    21612: (400, "The message From/To pair violates a blacklist rule or is not routable: {value}"),
    21614: (400, "'To' number is not a valid mobile number: {value}"),
    21617: (400, "The concatenated message body exceeds the 1600 character limit."),
    30409: (409, "This message cannot be canceled"),
}

DELIVERY_ERRORS: Mapping[int, str] = {
    30003: "Unreachable destination handset",
    30004: "Message blocked",
    30005: "Unknown destination handset",
    30036: "Validity Period Expired",
}


def refuse(code: int, value: str = "", headers: Mapping[str, str] | None = None) -> web.Response:
    """An error as this API tells it: `{code, message, more_info, status}`."""
    status, sentence = ERRORS[code]
    content = {
        "code": code,
        "message": sentence.format(value=value),
        "more_info": f"https://www.twilio.com/docs/errors/{code}",
        "status": status,
    }
    return as_json(content, status, headers)


def as_json(content: object, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    """An answer in JSON."""
    return web.Response(
        body=json.dumps(content, ensure_ascii=False).encode(),
        status=status,
        headers=headers,
        content_type="application/json",
        charset="utf-8",
    )


def message_json(message: Message, account_sid: str, now: datetime) -> dict[str, Any]:
    """A text as the API shows it."""
    uri = f"/{API_VERSION}/Accounts/{account_sid}/Messages/{message.sid}"
    sender, receiver = _ends(message)
    error = message.error_code
    return {
        "account_sid": account_sid,
        "api_version": API_VERSION,
        "body": message.body,
        "date_created": mail_date(message.created),
        "date_sent": _date(message.sent),
        "date_updated": mail_date(message.updated),
        "direction": message.direction,
        "error_code": error,
        "error_message": None if error is None else DELIVERY_ERRORS.get(error, "Unknown error"),
        "from": sender,
        "messaging_service_sid": message.service_sid,
        "num_media": "0",
        "num_segments": str(message.segments),
        "price": None,
        "price_unit": "USD",
        "sid": message.sid,
        "status": shown_status(message, now),
        "subresource_uris": {"media": f"{uri}/Media.json"},
        "to": receiver,
        "uri": f"{uri}.json",
    }


def new_message_bytes(message: Message, account_sid: str) -> bytes:
    """What `message_json` says of a text just taken, written out by hand: ten times as fast."""
    root = f"/{API_VERSION}/Accounts/{account_sid}/Messages/{message.sid}"
    created, service = mail_date(message.created), message.service_sid
    return (
        f'{{"account_sid": "{account_sid}", "api_version": "{API_VERSION}",'
        f' "body": {json.dumps(message.body)},'
        f' "date_created": "{created}", "date_sent": null, "date_updated": "{created}",'
        f' "direction": "{message.direction}", "error_code": null, "error_message": null,'
        f' "from": "{message.ours}", "messaging_service_sid": {json.dumps(service)},'
        f' "num_media": "0", "num_segments": "{message.segments}", "price": null, "price_unit": "USD",'
        f' "sid": "{message.sid}", "status": "{message.status}",'
        f' "subresource_uris": {{"media": "{root}/Media.json"}}, "to": "{message.number}",'
        f' "uri": "{root}.json"}}'
    ).encode()


def call_json(call: Call, account_sid: str) -> dict[str, Any]:
    """A call as the API shows it."""
    uri = f"/{API_VERSION}/Accounts/{account_sid}/Calls/{call.sid}"
    sender, receiver = _ends(call)
    return {
        "account_sid": account_sid,
        "answered_by": call.answered_by,
        "api_version": API_VERSION,
        "caller_name": None,
        "date_created": mail_date(call.created),
        "date_updated": mail_date(call.updated),
        "direction": call.direction,
        "duration": str(call.seconds) if call.over else None,
        "end_time": _date(call.ended),
        "forwarded_from": None,
        "from": sender,
        "from_formatted": sender,
        "group_sid": None,
        "parent_call_sid": None,
        "phone_number_sid": None,
        "price": None,
        "price_unit": "USD",
        "queue_time": "0",
        "sid": call.sid,
        "start_time": _date(call.started),
        "status": call.status,
        "subresource_uris": {"events": f"{uri}/Events.json", "recordings": f"{uri}/Recordings.json"},
        "to": receiver,
        "to_formatted": receiver,
        "trunk_sid": None,
        "uri": f"{uri}.json",
    }


def page_json(
    name: str,
    path: str,
    query: Mapping[str, str],
    found: Sequence[R],
    show: Callable[[R], dict[str, Any]],
) -> dict[str, Any]:
    """One page of a list. `found` holds one record more than a page if there is a next one."""
    size, page = page_size(query), _whole(query.get("Page"), 0)
    shown = found[:size]
    own = {name: value for name, value in query.items() if name not in ("Page", "PageToken", "PageSize")}
    next_uri = None
    if len(found) > size:
        next_uri = _page_uri(path, own, size, page + 1, f"PA{shown[-1].sid}")
    return {
        name: [show(record) for record in shown],
        "first_page_uri": _page_uri(path, own, size, 0),
        "next_page_uri": next_uri,
        "previous_page_uri": _page_uri(path, own, size, page - 1) if page > 0 else None,
        "page": page,
        "page_size": size,
        "start": page * size,
        "end": page * size + max(0, len(shown) - 1),
        "uri": _page_uri(path, own, size, page, query.get("PageToken")),
    }


def page_size(query: Mapping[str, str]) -> int:
    """Records a page: 50 when not said, at most 1000."""
    return min(max(1, _whole(query.get("PageSize"), 50)), 1000)


def _page_uri(path: str, own: Mapping[str, str], size: int, page: int, token: str | None = None) -> str:
    query = {**own, "PageSize": str(size), "Page": str(page)}
    if token:
        query["PageToken"] = token
    return f"{path}?{urlencode(query)}"


def _whole(text: str | None, default: int) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 9 else default


def _date(moment: datetime | None) -> str | None:
    return None if moment is None else mail_date(moment)


def _ends(record: Message | Call) -> tuple[str, str]:
    return (record.number, record.ours) if record.inbound else (record.ours, record.number)
