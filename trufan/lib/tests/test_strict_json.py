"""No body reaches a view that a layer below it could not take."""

import json
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.exceptions import ParseError

from trufan.lib.parsers import MAX_DEPTH, StrictJSONParser

pytestmark = [pytest.mark.urls("trufan.lib.tests.probe_urls")]


@pytest.fixture
def send(client):
    def post(body: str | bytes):
        return client.post("/api/v1/echo", body, content_type="application/json")

    return post


def nested(depth: int) -> str:
    return '{"a":' * depth + "1" + "}" * depth


@pytest.mark.parametrize(
    "body",
    [
        "{",
        "[1]",
        '"text"',
        "null",
        "17",
        "{'a': 1}",
        '{"a": NaN}',
        '{"a": Infinity}',
        '{"a": -Infinity}',
        '{"a": 1e999}',
        '{"a": 9223372036854775808}',
        '{"a": ' + "9" * 10_000 + "}",
        '{"a": "\\u0000"}',
        '{"\\u0000": 1}',
        '{"a": ["\\ud800"]}',
        '{"a": "\\udc00 alone"}',
        '{"a": "raw \x00"}',
        b'{"a": "\xff"}',
        b'\xef\xbb\xbf{"a": 1}',
        b'\xff\xfe{\x00"\x00a\x00"\x00:\x001\x00}\x00',
        nested(MAX_DEPTH + 1),
        nested(100_000),
        '{"a":' + "[" * 100_000,
    ],
    ids=lambda body: str(body)[:30],
)
def test_a_body_that_cannot_be_meant_is_malformed(send, body):
    response = send(body)

    assert response.status_code == 400
    assert response.json()["error"]["code"] == "malformed_request"


@pytest.mark.parametrize(
    "body",
    [
        "{}",
        nested(MAX_DEPTH),
        '{"a": 9223372036854775807, "b": -9223372036854775807, "c": 1.5, "d": null, "e": [true, false]}',
        '{"a": "\\ud83c\\udfab", "b": "ünï 🎟️", "c": "\\u0001"}',
    ],
)
def test_a_good_body_arrives_as_it_was_sent(send, body):
    response = send(body)

    assert response.status_code == 200
    assert response.json() == json.loads(body)


def test_no_body_is_an_empty_object(send):
    assert send("").json() == {}


def test_of_two_members_with_one_name_the_last_counts(send):
    assert send('{"a": 1, "a": 2}').json() == {"a": 2}


def test_the_refusal_does_not_quote_the_body(send):
    assert "hunter2" not in send('{"password": "hunter2",}').content.decode()


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_no_bytes_at_all_break_the_parser(content):
    try:
        parsed = StrictJSONParser().parse(BytesIO(content))
    except ParseError:
        return
    assert isinstance(parsed, dict)


def test_a_nul_in_the_address_is_malformed(client):
    assert client.get("/api/v1/effects?search=%00").status_code == 400
    assert client.get("/api/v1/raise/%00").status_code == 400
    assert client.get("/page/%00").status_code == 400
