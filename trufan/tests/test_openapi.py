"""The OpenAPI document is valid, complete, and served from here."""

import json
import re

import pytest
from django.core.management import call_command
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator
from jsonschema import Draft202012Validator

METHODS = {"get", "post", "put", "patch", "delete"}


def as_json_schema(node):
    """OpenAPI 3.0 says `nullable` where JSON Schema names the type null."""
    if isinstance(node, list):
        return [as_json_schema(one) for one in node]
    if not isinstance(node, dict):
        return node
    schema = {key: as_json_schema(value) for key, value in node.items() if key not in {"nullable", "example"}}
    return {"anyOf": [schema, {"type": "null"}]} if node.get("nullable") is True else schema


@pytest.fixture(scope="module")
def document():
    return SchemaGenerator().get_schema(request=None, public=True)


@pytest.fixture(scope="module")
def operations(document):
    return {
        f"{method.upper()} {path}": operation
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if method in METHODS
    }


def test_it_passes_validation_with_warnings_as_errors(tmp_path):
    GENERATOR_STATS.reset()
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(tmp_path / "schema.yaml"))


def test_every_endpoint_has_a_summary_and_says_who_may_call_it(operations):
    bare = [name for name, operation in operations.items() if not operation.get("summary")]
    open_ended = [name for name, operation in operations.items() if not operation.get("x-permission")]

    assert (bare, open_ended) == ([], [])


def test_every_body_has_an_example(operations):
    without = []
    for name, operation in operations.items():
        bodies = [operation.get("requestBody", {})]
        bodies += [answer for status, answer in operation["responses"].items() if status.startswith("2")]
        for body in bodies:
            media = body.get("content", {}).get("application/json")
            if media is not None and "examples" not in media:
                without.append(name)

    assert without == []


def test_every_error_answer_is_the_envelope_with_an_example(operations):
    wrong = [
        (name, status)
        for name, operation in operations.items()
        for status, answer in operation["responses"].items()
        if status[0] in "45"
        and (
            answer["content"]["application/json"]["schema"] != {"$ref": "#/components/schemas/Error"}
            or not answer["content"]["application/json"]["examples"]
        )
    ]

    assert not wrong, "\n".join(map(str, wrong))


def test_every_answer_names_the_headers_it_carries(operations):
    for name, operation in operations.items():
        counted = "/webhooks/" not in name and "/unsubscribe/" not in name
        assert ("429" in operation["responses"]) == counted
        for answer in operation["responses"].values():
            assert "X-Correlation-ID" in answer["headers"]
            assert ("X-RateLimit-Remaining" in answer["headers"]) == counted


def test_every_example_is_what_its_schema_says(document, operations):
    wrong = []
    for name, operation in operations.items():
        for part in [operation.get("requestBody", {}), *operation["responses"].values()]:
            media = part.get("content", {}).get("application/json", {})
            schema = {**as_json_schema(media.get("schema", {})), "components": as_json_schema(document["components"])}
            for example in media.get("examples", {}).values():
                problems = Draft202012Validator(schema).iter_errors(
                    json.loads(json.dumps(example["value"], default=str))
                )
                wrong += [f"{name}: {problem.json_path}: {problem.message}" for problem in problems]

    assert not wrong, "\n".join(map(str, wrong))


def test_who_must_sign_in_is_told_of_401(operations):
    guarded = [operation for operation in operations.values() if {} not in operation.get("security", [{}])]

    assert guarded
    assert all("401" in operation["responses"] for operation in guarded)


def test_an_idempotent_endpoint_takes_the_key(operations):
    parameters = operations["POST /api/v1/orders"]["parameters"]

    assert [one for one in parameters if one["name"] == "Idempotency-Key" and one["in"] == "header"]


def test_lists_have_the_one_shape_of_a_page(document, operations):
    pages = [name for name in document["components"]["schemas"] if name.startswith("Paginated")]

    assert pages
    for name in pages:
        assert set(document["components"]["schemas"][name]["required"]) == {"count", "next", "previous", "results"}
    parameters = {one["name"] for one in operations["GET /api/v1/orders"]["parameters"]}
    assert {"skip", "limit"} <= parameters


def test_people_sign_in_by_a_bearer_token_and_devices_by_a_key(document):
    schemes = document["components"]["securitySchemes"]
    assert schemes.keys() == {"bearerAuth", "deviceKey"}
    assert schemes["bearerAuth"] == {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
    assert {key: schemes["deviceKey"][key] for key in ("type", "in", "name")} == {
        "type": "apiKey", "in": "header", "name": "Authorization",
    }  # fmt: skip


def test_the_document_and_its_readers_are_served_to_everyone(client, db):
    assert client.get("/api/v1/schema").json()["openapi"].startswith("3.")
    assert client.get("/api/v1/schema", headers={"Accept": "application/vnd.oai.openapi"}).status_code == 200
    assert b"swagger-ui" in client.get("/api/v1/docs").content
    assert b"SwaggerUIBundle" in client.get("/api/v1/docs?script=").content
    assert b"<redoc" in client.get("/api/v1/redoc").content


def test_a_stale_token_does_not_close_the_docs(client, db):
    assert client.get("/api/v1/schema", headers={"Authorization": "Bearer stale"}).status_code == 200


def test_the_root_leads_to_the_docs(client):
    assert client.get("/")["Location"] == "/api/v1/docs"


def test_wherever_a_devices_key_may_be_sent_its_refusals_are_documented(operations):
    asked = [each for each in operations.values() if "authentication_failed" in str(each["responses"].get("401"))]

    assert len(asked) > 300
    for each in asked:
        told = each["responses"]["401"]["description"] + each["responses"]["403"]["description"]
        assert "`invalid_api_key`" in told and "`not_for_devices`" in told, each["operationId"]


def test_a_choice_that_may_be_empty_may_be_so_in_answers_too(document):
    schemas = document["components"]["schemas"]
    empty = {"$ref": "#/components/schemas/BlankEnum"}

    assert empty in schemas["PromoCode"]["properties"]["item_type"]["oneOf"]
    assert empty in schemas["ReportSchedule"]["properties"]["compare"]["oneOf"]
    assert "oneOf" not in schemas["PromoCode"]["properties"]["kind"]


def test_times_of_day_are_documented_without_seconds_and_zone_where_they_have_none(document):
    schemas = document["components"]["schemas"]
    begins = schemas["Daypart"]["properties"]["starts_at"]
    kept = schemas["QuietHours"]["properties"]["from"]

    assert "format" not in begins | kept
    assert re.fullmatch(begins["pattern"], "22:00") and not re.search(begins["pattern"], "22:00:00Z")
    assert kept["pattern"] == begins["pattern"]


def test_what_only_staff_are_shown_is_required_of_no_answer(document):
    schemas = document["components"]["schemas"]

    assert "numbers" in schemas["WaitingRoom"]["properties"]
    assert "numbers" not in schemas["WaitingRoom"]["required"]
    assert "event" in schemas["WaitingRoom"]["required"]


def test_what_ends_with_the_payment_may_be_null(document):
    assert document["components"]["schemas"]["TicketExchange"]["properties"]["expires_at"]["nullable"] is True
