"""The Compose file follows the specification, and keeps what the operator's page promises."""

import json
from importlib.resources import files
from pathlib import Path
from typing import Any, cast

import pytest
import yaml
from jsonschema.validators import validator_for

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return cast("dict[str, Any]", yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8")))


def specification() -> dict[str, Any]:
    """The Compose specification's JSON schema, as the package check-jsonschema ships it."""
    schema = files("check_jsonschema") / "builtin_schemas" / "vendor" / "compose-spec.json"
    return cast("dict[str, Any]", json.loads(schema.read_text(encoding="utf-8")))


def mistakes_in(compose: dict[str, Any]) -> list[str]:
    schema = specification()
    validator: Any = validator_for(schema)(schema)
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(compose)]


def test_file_follows_the_specification(compose: dict[str, Any]) -> None:
    assert mistakes_in(compose) == []


def test_a_wrong_word_is_found(compose: dict[str, Any]) -> None:
    broken = {**compose, "services": {**compose["services"], "web": {"imagge": "jiaoying"}}}
    assert "imagge" in mistakes_in(broken)[0]


def test_one_web_and_two_workers_wait_for_one_migration(compose: dict[str, Any]) -> None:
    services = compose["services"]
    assert services["web"]["command"] == ["serve", "--role", "web"]
    assert services["worker"]["command"] == ["serve", "--role", "worker"]
    assert services["worker"]["deploy"]["replicas"] == 2
    assert services["migrate"]["restart"] == "no"
    for name in ("web", "worker"):
        awaited = services[name]["depends_on"]
        assert awaited["migrate"]["condition"] == "service_completed_successfully"
        assert awaited["postgres"]["condition"] == "service_healthy"


def test_only_the_migration_knows_the_owner(compose: dict[str, Any]) -> None:
    for name in ("web", "worker"):
        environment = compose["services"][name]["environment"]
        assert "jiaoying_app:" in environment["JIAOYING_DATABASE_URL"]
        assert "OWNER" not in json.dumps(environment)
    assert "jiaoying_owner:" in compose["services"]["migrate"]["environment"]["JIAOYING_DATABASE_OWNER_URL"]


def test_no_secret_is_written_in_the_file_and_no_database_is_open_to_the_outside(
    compose: dict[str, Any],
) -> None:
    for service in compose["services"].values():
        for name, value in service.get("environment", {}).items():
            assert "PASSWORD" not in name or value.startswith("${"), name
    for name in ("postgres", "redis"):
        assert "ports" not in compose["services"][name]
        assert compose["services"][name]["networks"] == ["inside"]
    assert compose["networks"]["inside"]["internal"] is True


def test_every_variable_is_explained_in_the_example(compose: dict[str, Any]) -> None:
    wanted = {part.split(":")[0] for part in json.dumps(compose).split("${")[1:]}
    example = (ROOT / "deploy/compose.env.example").read_text(encoding="utf-8").splitlines()
    offered = {line.partition("=")[0] for line in example if "=" in line and not line.startswith("#")}
    assert wanted == offered


def test_roles_are_made_with_the_passwords_of_the_example(compose: dict[str, Any]) -> None:
    script = (ROOT / "deploy/postgres/01-roles.sh").read_text(encoding="utf-8")
    for name in ("OWNER_PASSWORD", "APP_PASSWORD"):
        assert f"${name}" in script
        assert name in compose["services"]["postgres"]["environment"]
    for role in ("jiaoying_owner", "jiaoying_app"):
        assert f"CREATE ROLE {role} LOGIN NOSUPERUSER" in script
