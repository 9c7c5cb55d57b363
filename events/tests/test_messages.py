"""The operator's news to all holders of an event, by the API and by the console."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from audit.models import AuditLog
from events import announcing
from notifications.broadcasts import working
from notifications.broadcasts.models import Broadcast
from notifications.models import MessageTemplate
from ticketing.tests.sales import buy
from trufan.lib.ids import uuid7
from trufan.tests.console_client import as_, buttons_on, errors_of, press, url

WORDS = {"subject": "Earlier", "text": "Doors open at 6.\n\nSee <you>."}


@pytest.fixture
def address(event) -> str:
    return f"/api/v1/events/{event.pk}/messages"


class TestTheApi:
    def test_shows_how_many_and_how_it_reads(self, api, address, olga, fay, ticket_type) -> None:
        buy(fay, ticket_type, 2)
        seen = api.as_(olga).post(f"{address}/preview", WORDS, format="json").json()
        assert seen["people"] == 1
        assert seen["mail"]["subject"] == "Earlier"
        assert "See &lt;you&gt;." in seen["mail"]["html"]
        assert seen["sms"].startswith("Opening Night: Doors open at 6.")
        assert not Broadcast.objects.exists()

    def test_sends_once_under_one_key(self, api, address, olga, event) -> None:
        first, again = (
            api.as_(olga).post(address, WORDS, format="json", headers={"Idempotency-Key": "k1"}) for _ in range(2)
        )
        assert (first.status_code, again.json()) == (201, first.json())
        assert Broadcast.objects.get().context["text"] == WORDS["text"]
        assert AuditLog.objects.get(action="event.message_sent").entity_id == event.pk

    def test_refuses_drafts_and_more_than_a_day_allows(self, api, address, olga, event, settings) -> None:
        settings.EVENT_MESSAGES_PER_DAY = 1
        assert api.as_(olga).post(address, WORDS, format="json").status_code == 201
        assert api.as_(olga).post(address, WORDS, format="json").json()["error"]["code"] == "too_many_messages"
        type(event).objects.filter(pk=event.pk).update(status="draft")
        assert api.as_(olga).post(address, WORDS, format="json").json()["error"]["code"] == "event_has_no_news"

    def test_is_for_those_who_manage_events(self, api, address, gus, stan, fay) -> None:
        for who in (gus, stan, fay):
            assert api.as_(who).post(address, WORDS, format="json").status_code in (403, 404)
        assert api.post(address, WORDS, format="json").status_code == 401
        assert not Broadcast.objects.exists()


class TestFollowingByTheApi:
    def test_lists_them_with_their_progress_in_constant_queries(
        self, api, address, olga, event, fay, ticket_type, settings
    ) -> None:
        settings.EVENT_MESSAGES_PER_DAY = 10
        buy(fay, ticket_type)
        api.as_(olga).get(address)  # What is remembered of the caller is asked once.
        counts = []
        for number in (1, 3):
            while Broadcast.objects.count() < number:
                row = announcing.announce(event, olga, timezone.now(), **WORDS)
                working.work(row.pk, timezone.now())
            with CaptureQueriesContext(connection) as asked:
                seen = api.as_(olga).get(address).json()["messages"]
            counts.append(len(asked))
            assert len(seen) == number
            assert {(one["total"], one["queued"], one["waiting"]) for one in seen} == {(1, 1, 1)}
            assert seen[0]["id"] == str(row.pk)
        assert counts[0] == counts[1]

    def test_steers_by_the_rules(self, api, address, olga, event) -> None:
        row = announcing.announce(event, olga, timezone.now(), **WORDS)
        client = api.as_(olga)
        for name, status in (("pause", "paused"), ("resume", "running"), ("cancel", "cancelled")):
            assert client.post(f"{address}/{row.pk}/{name}").json()["status"] == status
        assert client.post(f"{address}/{row.pk}/resume").status_code == 409
        assert AuditLog.objects.filter(action__startswith="broadcast.").count() == 3

    def test_is_for_those_who_manage_its_own_event(self, api, address, olga, gus, stan, fay, event) -> None:
        row = announcing.announce(event, olga, timezone.now(), **WORDS)
        for who in (gus, stan, fay):
            assert api.as_(who).get(address).status_code in (403, 404)
            assert api.as_(who).post(f"{address}/{row.pk}/cancel").status_code in (403, 404)
        Broadcast.objects.update(audience_id=uuid7())
        assert api.as_(olga).post(f"{address}/{row.pk}/cancel").status_code == 404
        assert Broadcast.objects.get().status == "running"


class TestTheConsole:
    def test_shows_count_and_words_before_it_sends(self, olga, event, fay, ticket_type) -> None:
        buy(fay, ticket_type)
        client, page = as_(olga), url(type(event), "button", event.pk, "message")
        asked = client.post(page, WORDS)
        figures = asked.context["figures"]
        assert "1 people are told" in figures
        assert not Broadcast.objects.exists()
        assert client.post(page, WORDS | {"confirmed": figures.replace("\n", "\r\n")}).status_code == 302
        assert announcing.of(event).count() == 1
        assert "Messages to holders" in client.get(url(type(event), "change", event.pk)).content.decode()

    def test_follows_and_stops_it(self, olga, gus, event) -> None:
        row = announcing.announce(event, olga, event.created_at, **WORDS)
        page = as_(olga).get(url(Broadcast, "change", row.pk))
        assert page["Refresh"] == "5"
        press(olga, row, "pause")
        assert buttons_on(olga, row) == {"resume", "cancel"}
        press(olga, row, "cancel")
        assert "Refresh" not in as_(olga).get(url(Broadcast, "change", row.pk))
        assert as_(gus).get(url(Broadcast, "change", row.pk)).status_code in (302, 403)


class TestOwnWordsInTheConsole:
    def fields(self, venue, **words) -> dict[str, str]:
        asked = {"venue_id": str(venue.pk), "template": "order_paid", "language": "en", "subject": "Thanks"}
        return asked | {"body": "Hello {{ link }} <i>", "sms": "", "push": ""} | words

    def test_are_written_looked_at_and_used(self, olga, venue) -> None:
        client = as_(olga)
        assert client.post(url(MessageTemplate, "add"), self.fields(venue)).status_code == 302
        row = MessageTemplate.objects.get()
        page = client.get(url(MessageTemplate, "change", row.pk)).content.decode()
        assert "<iframe sandbox srcdoc=" in page
        assert "&amp;lt;i&amp;gt;" in page
        press(olga, row, "use")
        row.refresh_from_db()
        assert row.in_use
        press(olga, row, "standard")

    def test_are_refused_with_the_reason(self, olga, venue) -> None:
        answer = as_(olga).post(url(MessageTemplate, "add"), self.fields(venue, body="{% debug %}"))
        assert "debug" in errors_of(answer)
        assert not MessageTemplate.objects.exists()

    def test_are_not_another_venues_to_write(self, stan, gus, venue) -> None:
        for who in (stan, gus):
            as_(who).post(url(MessageTemplate, "add"), self.fields(venue))
        assert not MessageTemplate.objects.exists()
