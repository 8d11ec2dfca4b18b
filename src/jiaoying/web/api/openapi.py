"""The OpenAPI 3.1 document, put together from the calls themselves."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import jiaoying
from jiaoying.warnings.feeds.signature import HEADER, WINDOW_S
from jiaoying.web.accounts import SCOPES
from jiaoying.web.api.endpoint import PREFIX, Endpoint
from jiaoying.web.api.problems import CONTENT_TYPE
from jiaoying.web.api.shapes import PROBLEM, TEXT

_REASONS = {
    400: "Something in the request is wrong; the complaints name it",
    401: "No token, or none of ours; no signature, or a wrong one",
    403: "The token lacks the scope",
    404: "There is nothing with this id",
    408: "The body did not arrive in time",
    409: "Not possible as things stand",
    413: "The body is too large",
    415: "The body is of a kind that is not read here",
    503: "The database is away; send it again after Retry-After seconds",
}
_EVERYWHERE = (401, 403, 503)
_SIGNATURE = (
    "`t=<unix seconds>,v1=<hex>`: HMAC-SHA256, with the secret of the source, over the moment, a full stop"
    f" and the body as sent. The moment may be {WINDOW_S} s away from ours. The source is named in the query."
    " A source that wants both needs the token as well."
)


def document_of(endpoints: Sequence[Endpoint]) -> dict[str, Any]:
    """The document that describes `endpoints`."""
    paths: dict[str, dict[str, Any]] = {}
    for endpoint in endpoints:
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = _operation(endpoint)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Jiaoying 叫应",
            "version": jiaoying.__version__,
            "summary": "Warnings in, people called, every answer tracked.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": PREFIX}],
        "paths": paths,
        "components": {
            "schemas": {"Problem": PROBLEM},
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "Made by `jiaoying tokens create`. Scopes: " + ", ".join(sorted(SCOPES)),
                },
                "signature": {
                    "type": "apiKey",
                    "in": "header",
                    "name": HEADER,
                    "description": _SIGNATURE,
                },
            },
        },
    }


def _operation(endpoint: Endpoint) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": endpoint.handler.__name__,
        "summary": endpoint.summary,
        "security": [{"token": [endpoint.scope]}, *([{"signature": []}] if endpoint.signed else [])],
        "responses": {str(endpoint.status): _success(endpoint), **_refusals(endpoint)},
    }
    parameters = _in_path(endpoint) + _in_query(endpoint)
    if parameters:
        operation["parameters"] = parameters
    if endpoint.body:
        operation["requestBody"] = {"required": True, "content": _content(endpoint.body)}
    return operation


def _success(endpoint: Endpoint) -> dict[str, Any]:
    return {"description": endpoint.summary, "content": _content(endpoint.answer)}


def _refusals(endpoint: Endpoint) -> dict[str, Any]:
    content = {CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {
        str(status): {"description": _REASONS[status], "content": content}
        for status in sorted({*_EVERYWHERE, *endpoint.refusals})
    }


def _content(kinds: Mapping[str, Any]) -> dict[str, Any]:
    return {media_type: {"schema": schema} for media_type, schema in kinds.items()}


def _in_path(endpoint: Endpoint) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": TEXT}
        for name in re.findall(r"\{(\w+)\}", endpoint.path)
    ]


def _in_query(endpoint: Endpoint) -> list[dict[str, Any]]:
    return [
        {
            "name": parameter.name,
            "in": "query",
            "description": parameter.meaning,
            "required": parameter.required,
            "schema": parameter.schema,
        }
        for parameter in endpoint.query
    ]
