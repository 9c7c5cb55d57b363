"""A log line names the request, never the person."""

import io
import json
import logging

import pytest
import structlog
from django.conf import settings

from trufan.lib import correlation, logs


@pytest.fixture(params=[True, False], ids=["json", "readable"])
def written(request, monkeypatch):
    """What is written while the test runs, as production and as a laptop would write it."""
    logs.configure({"level": "INFO", "json": request.param})
    stream = io.StringIO()
    monkeypatch.setattr(logging.getLogger().handlers[0], "stream", stream)
    yield stream
    logs.configure(settings.LOGGING)


def test_a_line_has_the_id_of_its_request(written):
    correlation.begin("known-id")
    structlog.get_logger("trufan.orders").info("order placed", number="A1")
    logging.getLogger("somewhere.else").info("noted")

    ours, theirs = written.getvalue().splitlines()
    assert "known-id" in ours and "order placed" in ours and "A1" in ours
    assert "known-id" in theirs and "noted" in theirs


def test_addresses_numbers_and_tokens_are_masked_wherever_they_stand(written):
    token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl"
    structlog.get_logger("trufan").info("sent to fay@example.com", phone="+12125550123", header=f"Bearer {token}")
    logging.getLogger("library").warning("gave up on %s", "fay.fan+news@mail.example.com")

    text = written.getvalue()
    assert not [word for word in ("fay", "+1212", "eyJ") if word in text]
    assert all(mask in text for mask in ("[e-mail]", "[phone]", "[token]"))


def test_a_traceback_does_not_quote_the_row_the_database_refused(written):
    refusal = "duplicate key\nDETAIL:  Key (last_name)=(Fan) already exists."
    for logger in (structlog.get_logger("trufan"), logging.getLogger("library")):
        try:
            raise ValueError(refusal)
        except ValueError:
            logger.exception("failed for fay@example.com")

    text = written.getvalue()
    assert text.count("Traceback") == 2
    assert "(Fan)" not in text and "fay@" not in text


def test_production_writes_one_json_object_a_line(capsys):
    logs.configure({"level": "INFO", "json": True})
    stream = io.StringIO()
    logging.getLogger().handlers[0].stream = stream
    structlog.get_logger("trufan").info("two\nlines", amount=5)
    logs.configure(settings.LOGGING)

    (line,) = stream.getvalue().splitlines()
    assert json.loads(line)["amount"] == 5
