"""A body above the limit is refused before it is read."""

import io

import pytest
from django.test import RequestFactory
from gunicorn.http.errors import InvalidChunkSize, NoMoreData

from trufan.lib.request_size import RequestSizeMiddleware

pytestmark = [pytest.mark.urls("trufan.lib.tests.probe_urls")]


@pytest.fixture(autouse=True)
def small(settings):
    settings.MAX_REQUEST_BYTES = settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100


def chunked(body: bytes):
    request = RequestFactory().post("/api/v1/echo", content_type="application/json")
    request.META["HTTP_TRANSFER_ENCODING"] = "chunked"
    request.META["CONTENT_LENGTH"] = ""
    request.environ["wsgi.input"] = io.BytesIO(body)
    return RequestSizeMiddleware(lambda request: request.META["CONTENT_LENGTH"] and request)(request)


def test_a_body_at_the_limit_passes(client):
    assert client.post("/api/v1/echo", '{"a": "' + "x" * 91 + '"}', content_type="application/json").status_code == 200


def test_an_announced_length_above_the_limit_is_a_413(client):
    response = client.post("/api/v1/echo", '{"a": "' + "x" * 92 + '"}', content_type="application/json")

    assert response.status_code == 413
    assert response.json()["error"]["code"] == "request_too_large"
    assert response["X-Correlation-ID"]


def test_a_page_answers_413_without_json(client):
    response = client.post("/page/missing", "x" * 101, content_type="text/plain")

    assert (response.status_code, response.content) == (413, b"")


def test_a_body_without_a_length_is_read_up_to_the_limit():
    assert chunked(b"x" * 101).status_code == 413


def test_a_body_without_a_length_reaches_the_view():
    request = chunked(b'{"a": 1}')

    assert request.body == b'{"a": 1}'


def test_a_length_that_lies_gives_the_body_only_so_far(client):
    response = client.generic(
        "POST", "/api/v1/echo", b'{"a": "' + b"x" * 500 + b'"}', content_type="application/json", CONTENT_LENGTH="50"
    )

    assert response.status_code == 400


class Broken(io.BytesIO):
    """What a server hands over where the chunks are none or the client is gone."""

    def __init__(self, error):
        super().__init__()
        self.error = error

    def read(self, size=-1):
        raise self.error


@pytest.mark.parametrize("error", [InvalidChunkSize(b"ZZ"), NoMoreData(), OSError()])
def test_a_body_that_breaks_off_between_its_chunks_is_malformed(error):
    request = RequestFactory().post("/api/v1/echo", content_type="application/json")
    request.META |= {"HTTP_TRANSFER_ENCODING": "chunked", "CONTENT_LENGTH": ""}
    request.environ["wsgi.input"] = Broken(error)

    response = RequestSizeMiddleware(lambda request: None)(request)

    assert (response.status_code, b"malformed_request" in response.content) == (400, True)


def test_a_body_that_cannot_be_read_is_malformed(client):
    response = client.post("/api/v1/echo", "{}", content_type="application/json", **{"wsgi.input": Broken(OSError())})

    assert (response.status_code, response.json()["error"]["code"]) == (400, "malformed_request")
