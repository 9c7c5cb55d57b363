"""One task delivers several messages, each as if it were alone."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.core import mail
from django.db import DatabaseError, connection

from notifications import delivery, outbox, tasks
from notifications.outbox import notify, send
from trufan.lib import correlation, gathered_nudges, nudging


@pytest.mark.django_db(transaction=True)
def test_a_message_is_delivered_with_others_under_the_id_of_who_asked_for_it(monkeypatch):
    seen: list[str] = []
    monkeypatch.setattr(outbox, "nudge", lambda notification_id, **how: None)
    rows = [send("greeting", f"fay{at}@example.com") for at in range(3)]
    really = delivery.deliver

    def deliver(*args: Any) -> Any:
        seen.append(correlation.current().correlation_id)
        if len(seen) == 2:
            raise DatabaseError("the connection is gone")
        return really(*args)

    monkeypatch.setattr(delivery, "deliver", deliver)
    tasks.deliver_together.run([[str(row.pk), f"request-{at}"] for at, row in enumerate(rows)])
    assert seen == ["request-0", "request-1", "request-2"]
    assert [message.to for message in mail.outbox] == [["fay0@example.com"], ["fay2@example.com"]]


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_connection_that_is_lost_keeps_no_other_waiting(monkeypatch):
    monkeypatch.setattr(outbox, "nudge", lambda notification_id, **how: None)
    rows = [send("greeting", f"fay{at}@example.com") for at in range(2)]
    really = delivery.deliver

    def deliver(*args: Any) -> Any:
        if str(args[0]) == str(rows[0].pk):
            connection.connection.close()
        return really(*args)

    monkeypatch.setattr(delivery, "deliver", deliver)
    tasks.deliver_together.run([[str(row.pk), "request"] for row in rows])
    assert [message.to for message in mail.outbox] == [["fay1@example.com"]]


@pytest.mark.django_db
def test_only_what_nobody_waits_for_goes_with_others(monkeypatch, fay, django_capture_on_commit_callbacks):
    told: list[Any] = []
    monkeypatch.setattr(gathered_nudges, "nudge", lambda one, many, thing: told.append(("together", thing)))
    monkeypatch.setattr(nudging, "nudge", lambda task, thing: told.append(("at once", thing)))
    with django_capture_on_commit_callbacks(execute=True):
        code, news = send("greeting", "fay@example.com"), notify("greeting", user=fay)
    assert told == [("at once", str(code and code.pk)), ("together", str(news and news.pk))]


@pytest.mark.django_db
def test_what_was_never_queued_is_passed_over():
    tasks.deliver_together.run([[str(uuid4()), "request"]])
    assert not mail.outbox
