"""The API describes itself: every route is in the document, and nothing else is."""

import json
from typing import Any

import pytest
from aiohttp import web
from jsonschema import Draft202012Validator

from jiaoying.storage.database import Database
from jiaoying.web.accounts import SCOPES
from jiaoying.web.api import routes
from jiaoying.web.api.endpoint import PREFIX
from jiaoying.web.api.openapi import document_of
from jiaoying.web.api.table import ENDPOINTS
from web_town import parts_for_tests

UNDESCRIBED = {("GET", f"{PREFIX}/openapi.json")}


@pytest.fixture
def document() -> dict[str, Any]:
    return json.loads(json.dumps(document_of(ENDPOINTS)))


def served() -> set[tuple[str, str]]:
    """Method and path of every route, as the router knows them."""
    application = web.Application()
    application.router.add_routes(routes(parts_for_tests(Database("postgresql://nobody@localhost/none"))))
    return {
        (route.method, route.resource.canonical) for route in application.router.routes() if route.resource
    }


def test_every_route_is_described_and_nothing_else(document: dict[str, Any]) -> None:
    described = {
        (method.upper(), PREFIX + path)
        for path, operations in document["paths"].items()
        for method in operations
    }
    assert described == served() - UNDESCRIBED


def test_all_calls_of_the_contract_are_there(document: dict[str, Any]) -> None:
    promised = {
        "/warnings": {"get", "post"},
        "/warnings/{id}": {"get"},
        "/warnings/{id}/start": {"post"},
        "/warnings/{id}/withdraw": {"post"},
        "/warnings/{id}/callouts": {"get"},
        "/callouts/{id}": {"get"},
        "/callouts/{id}/answer": {"post"},
        "/board": {"get"},
        "/events": {"get"},
    }
    assert {path: set(document["paths"][path]) for path in promised} == promised


def test_every_schema_is_one(document: dict[str, Any]) -> None:
    schemas = [
        content["schema"]
        for operations in document["paths"].values()
        for operation in operations.values()
        for part in (*operation["responses"].values(), operation.get("requestBody", {}))
        for content in part.get("content", {}).values()
    ]
    assert len(schemas) > len(ENDPOINTS)
    for schema in schemas:
        Draft202012Validator.check_schema(schema)


def test_operations_have_names_of_their_own_and_real_scopes(document: dict[str, Any]) -> None:
    operations = [one for path in document["paths"].values() for one in path.values()]
    names = [operation["operationId"] for operation in operations]
    assert len(set(names)) == len(names)
    assert {operation["security"][0]["token"][0] for operation in operations} <= SCOPES


def test_every_refusal_is_a_problem(document: dict[str, Any]) -> None:
    for operations in document["paths"].values():
        for operation in operations.values():
            assert {"401", "403", "503"} <= set(operation["responses"])
            for status, answer in operation["responses"].items():
                assert (status[0] == "2") != ("application/problem+json" in answer["content"])
