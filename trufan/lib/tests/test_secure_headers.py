"""What each kind of answer tells a browser it may do."""

import pytest


@pytest.mark.parametrize(
    ("path", "policy"),
    [
        ("/api/v1/nothing", "default-src 'none'; frame-ancestors 'none'"),
        ("/health", "default-src 'none'; frame-ancestors 'none'"),
        ("/api/v1/docs", "script-src 'self'; "),
        ("/api/v1/redoc", "worker-src 'self' blob:"),
        ("/admin/login/", "script-src 'self' 'unsafe-inline' 'unsafe-eval'"),
    ],
)
def test_each_kind_of_answer_has_its_own_policy(client, db, path, policy):
    response = client.get(path)

    assert policy in response["Content-Security-Policy"]
    assert response["X-Frame-Options"] == "DENY"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Referrer-Policy"] == "same-origin"
    assert response["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "geolocation=()" in response["Permissions-Policy"]


@pytest.mark.parametrize("path", ["/api/v1/docs", "/api/v1/redoc", "/admin/login/", "/api/v1/nothing"])
def test_nothing_may_come_from_elsewhere(client, db, path):
    assert "http" not in client.get(path)["Content-Security-Policy"]


@pytest.mark.parametrize("path", ["/api/v1/docs", "/api/v1/redoc"])
def test_the_docs_run_no_inline_script_and_load_only_ours(client, path):
    page = client.get(path).content.decode()

    assert "<script>" not in page
    assert "https://" not in page and "http://" not in page


def test_answers_of_the_api_are_not_cached(client, db):
    assert client.get("/api/v1/nothing")["Cache-Control"] == "no-store"


def test_another_origin_is_admitted_only_by_configuration(client, settings, db):
    settings.CORS_ALLOWED_ORIGINS = ["https://app.example"]

    def allowed(origin, path="/api/v1/nothing"):
        return client.get(path, headers={"Origin": origin}).get("Access-Control-Allow-Origin")

    assert allowed("https://app.example") == "https://app.example"
    assert allowed("https://evil.example") is None
    assert allowed("https://app.example", "/admin/login/") is None


def test_a_preflight_names_our_headers(client, settings):
    settings.CORS_ALLOWED_ORIGINS = ["https://app.example"]
    response = client.options(
        "/api/v1/orders",
        headers={
            "Origin": "https://app.example",
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "idempotency-key",
        },
    )

    assert "idempotency-key" in response["Access-Control-Allow-Headers"]


def test_pictures_may_be_shown_by_pages_of_other_origins(client, db):
    assert client.get("/media/products/none.jpg")["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert client.get("/health")["Cross-Origin-Resource-Policy"] == "same-origin"
