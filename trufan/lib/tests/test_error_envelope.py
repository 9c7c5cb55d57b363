"""Whatever goes wrong, the client reads one shape, and nothing it should not read."""

import pytest
from django.test import Client

from trufan.lib.errors import DomainError, codes

pytestmark = [pytest.mark.urls("trufan.lib.tests.probe_urls"), pytest.mark.django_db]


def error_of(response):
    body = response.json()
    assert set(body) == {"error"}
    assert set(body["error"]) == {"code", "message", "details", "correlation_id"}
    assert body["error"]["correlation_id"] == response["X-Correlation-ID"]
    return body["error"]


@pytest.mark.parametrize("route", ["raise", "plain"])
@pytest.mark.parametrize(
    ("kind", "status", "code"),
    [
        ("domain", 409, "conflict"),
        ("later", 429, "rate_limited"),
        ("unauthenticated", 401, "not_authenticated"),
        ("bad_token", 401, "authentication_failed"),
        ("forbidden", 403, "permission_denied"),
        ("drf_forbidden", 403, "permission_denied"),
        ("missing", 404, "not_found"),
        ("throttled", 429, "rate_limited"),
        ("model_invalid", 422, "validation_error"),
        ("text_invalid", 422, "validation_error"),
        ("suspicious", 400, "malformed_request"),
        ("too_big", 413, "request_too_large"),
        ("database_down", 503, "unavailable"),
        ("out_of_range", 422, "validation_error"),
    ],
)
def test_every_kind_of_error_has_its_status_and_code(client, route, kind, status, code):
    response = client.get(f"/api/v1/{route}/{kind}")

    assert (response.status_code, error_of(response)["code"]) == (status, code)


@pytest.mark.parametrize("kind", ["forbidden", "drf_forbidden", "missing", "suspicious", "too_big", "database_down"])
def test_an_answer_gives_away_nothing_of_the_inside(client, kind):
    body = client.get(f"/api/v1/raise/{kind}").content.decode()

    assert not [word for word in ("secret", "Order", "10.0.0.5") if word in body]


@pytest.mark.parametrize("debug", [False, True])
@pytest.mark.parametrize("kind", ["defect", "check_violated"])
@pytest.mark.parametrize("route", ["raise", "plain"])
def test_a_defect_is_a_500_that_shows_nothing_but_is_logged(client, settings, caplog, route, kind, debug):
    settings.DEBUG = debug
    client.raise_request_exception = False

    response = client.get(f"/api/v1/{route}/{kind}")

    assert response.status_code == 500
    assert error_of(response)["code"] == "server_error"
    assert "secret" not in response.content.decode()
    logged = [record.getMessage() for record in caplog.records if record.name == "trufan.errors"]
    assert len(logged) == 1
    assert "Traceback" in logged[0] and response["X-Correlation-ID"] in logged[0]


def test_a_defect_is_raised_in_the_tests_of_whoever_made_it(client):
    with pytest.raises(KeyError):
        client.get("/api/v1/raise/defect")


def test_details_of_the_domain_reach_the_client(client):
    error = error_of(client.get("/api/v1/raise/domain"))

    assert error["message"] == "Taken."
    assert error["details"] == [{"field": "items[0].quantity", "code": "sold_out", "message": "Only 1 is left."}]


@pytest.mark.parametrize(("kind", "seconds"), [("later", "7"), ("throttled", "3"), ("database_down", "1")])
def test_a_refusal_for_now_says_when_to_come_back(client, kind, seconds):
    assert client.get(f"/api/v1/raise/{kind}")["Retry-After"] == seconds


@pytest.mark.parametrize("kind", ["unauthenticated", "bad_token"])
def test_a_401_says_how_to_sign_in(client, kind):
    assert client.get(f"/api/v1/raise/{kind}")["WWW-Authenticate"] == 'Bearer realm="api"'


def test_paths_lead_to_the_wrong_field_through_lists_and_objects(client):
    body = {"items": [{"quantity": 1}, {"quantity": 0}, {}, "no"], "tags": ["ok", "long"]}
    response = client.post("/api/v1/cart", body, content_type="application/json")

    assert response.status_code == 422
    assert [(detail["field"], detail["code"]) for detail in error_of(response)["details"]] == [
        ("items[1].quantity", "min_value"),
        ("items[2].quantity", "required"),
        ("items[3]", "invalid"),
        ("tags[1]", "max_length"),
    ]


def test_a_problem_of_the_whole_request_has_no_field(client):
    body = {"items": [{"quantity": 1}, {"quantity": 1}]}
    details = error_of(client.post("/api/v1/cart", body, content_type="application/json"))["details"]

    assert details == [{"field": "", "code": "too_many_lines", "message": "One line only."}]


def test_a_models_own_validation_names_its_fields(client):
    details = error_of(client.get("/api/v1/raise/model_invalid"))["details"]

    assert [(detail["field"], detail["message"]) for detail in details] == [
        ("name", "Too long."),
        ("", "Ends before it starts."),
    ]


def test_a_second_row_with_the_same_unique_value_is_a_conflict(client, caplog):
    response = client.post("/api/v1/twice")

    assert (response.status_code, error_of(response)["code"]) == (409, "conflict")
    assert "idempotency" not in response.content.decode()


@pytest.mark.parametrize("debug", [False, True])
@pytest.mark.parametrize("path", ["/api/", "/api/v1/nothing", "/api/v2/orders", "/api/v1/echo/more", "/api/v1/echo/"])
def test_an_unknown_route_is_a_404_in_the_envelope(client, settings, path, debug):
    settings.DEBUG = debug
    response = client.get(path)

    assert (response.status_code, error_of(response)["code"]) == (404, "not_found")


def test_an_unknown_route_asks_for_no_form_token():
    response = Client(enforce_csrf_checks=True).post("/api/v1/nothing", {}, content_type="application/json")

    assert (response.status_code, error_of(response)["code"]) == (404, "not_found")


def test_a_wrong_method_is_a_405_that_names_the_right_ones(client):
    response = client.get("/api/v1/echo")

    assert (response.status_code, error_of(response)["code"]) == (405, "method_not_allowed")
    assert "POST" in response["Allow"]


def test_a_wrong_media_type_is_a_415(client):
    response = client.post("/api/v1/echo", "<a/>", content_type="text/xml")

    assert (response.status_code, error_of(response)["code"]) == (415, "unsupported_media_type")


def test_a_format_we_do_not_speak_is_a_406(client):
    response = client.post("/api/v1/echo", {}, content_type="application/json", headers={"Accept": "text/csv"})

    assert (response.status_code, error_of(response)["code"]) == (406, "not_acceptable")


def test_pages_for_people_stay_pages(client):
    response = client.get("/page/missing")

    assert response.status_code == 404
    assert response["Content-Type"].startswith("text/html")


@pytest.mark.parametrize("debug", [False, True])
def test_a_host_that_is_not_ours_is_a_400_in_the_envelope(client, settings, debug):
    settings.DEBUG = debug
    settings.ALLOWED_HOSTS = ["testserver"]
    response = client.get("/api/v1/echo", headers={"Host": "evil.example"})

    assert (response.status_code, error_of(response)["code"]) == (400, "malformed_request")


def test_every_code_is_a_stable_word_with_one_status():
    found = codes()
    statuses = {code: kind.status for code, kind in found.items()}

    assert {
        "not_found": 404,
        "validation_error": 422,
        "rate_limited": 429,
        "server_error": 500,
    }.items() <= statuses.items()
    assert all(code.replace("_", "").isalnum() and code == code.lower() for code in found)
    assert DomainError.code not in found
