"""The audit browser: who changed what, from what to what, found by every handle one has."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from audit.browsing import changes, questions
from audit.browsing.questions import BadMark, Question
from audit.models import AuditCheck, AuditLog
from audit.trail import record
from trufan.lib import correlation
from trufan.testing import EventFactory, PromoCodeFactory, StaffFactory
from trufan.tests.console_client import as_, url
from venues.models import Venue, VenueStaff

BROWSER = "/admin/audit/auditlog/"


def shown(user: User, **asked: Any) -> list[AuditLog]:
    response = as_(user).get(BROWSER, asked)
    assert response.status_code == 200
    return list(response.context["cl"].result_list)


def actions(user: User, **asked: Any) -> list[str]:
    return [entry.action for entry in shown(user, **asked)]


@pytest.fixture
def clear(venue: Venue, other_venue: Venue, olga: User, stan: User) -> None:
    """What setting up the cast has written is no business of these tests."""
    AuditLog.objects.all()._raw_delete(AuditLog.objects.db)


def test_pages_follow_each_other_without_gap_or_repetition(venue: Venue, clear: None) -> None:
    moment = timezone.now()
    with time_machine.travel(moment, tick=False) as clock:
        for number in range(23):
            record(f"thing.number_{number}", venue)
            if number % 4 == 0:  # several of one moment, told apart by their keys
                clock.shift(timedelta(seconds=1))
    everything = list(questions.entries(Question()))
    found, mark = [], ""
    while True:
        page = questions.page(Question(), 5, older_than=mark)
        found += page.entries
        mark = page.older
        if not mark:
            break
    assert found == everything
    assert len(found) == 23


def test_one_can_turn_back(venue: Venue, clear: None) -> None:
    for number in range(12):
        record(f"thing.number_{number}", venue)
    first = questions.page(Question(), 5)
    second = questions.page(Question(), 5, older_than=first.older)
    third = questions.page(Question(), 5, older_than=second.older)
    assert (first.newer, third.older) == ("", "")
    back = questions.page(Question(), 5, newer_than=third.newer)
    assert back.entries == second.entries
    again = questions.page(Question(), 5, newer_than=back.newer)
    assert (again.entries, again.newer) == (first.entries, "")


@pytest.mark.parametrize("mark", ["x", "bm90IGEgbWFyaw", "MjAyNi0xMS0yMSAx", "ÿ"])
def test_a_mark_that_no_page_gave_is_refused(mark: str, ada: User, clear: None) -> None:
    with pytest.raises(BadMark):
        questions.read_mark(mark)
    assert as_(ada).get(BROWSER, {"older": mark}).status_code == 200


def test_every_handle_narrows(olga: User, venue: Venue, clear: None) -> None:
    promo = PromoCodeFactory(venue=venue, code="SPRING")
    AuditLog.objects.all()._raw_delete(AuditLog.objects.db)
    correlation.begin("the-request")
    record("order.refunded", promo, actor=olga)
    record("payment.refunded", venue, actor=olga)
    correlation.begin("another")
    record("venue.changed", venue, actor=None)
    assert set(actions(olga)) == {"order.refunded", "payment.refunded", "venue.changed"}
    assert actions(olga, action="order.refunded") == ["order.refunded"]
    assert actions(olga, about="orders.promocode") == ["order.refunded"]
    assert actions(olga, about="orders.promocode", number="SPRING") == ["order.refunded"]
    assert actions(olga, about="orders.promocode", number=str(promo.pk)) == ["order.refunded"]
    assert actions(olga, about="orders.promocode", number="NOSUCH") == []
    assert set(actions(olga, who="OLGA@example.com")) == {"order.refunded", "payment.refunded"}
    assert actions(olga, who="nobody@example.com") == []
    assert set(actions(olga, correlation="the-request")) == {"order.refunded", "payment.refunded"}


def test_a_number_needs_to_say_of_what(olga: User) -> None:
    response = as_(olga).get(BROWSER, {"number": "ABC"})
    assert "Choose what it is about" in response.content.decode()


def test_days_are_the_venues(olga: User, venue: Venue, clear: None) -> None:
    Venue.objects.filter(pk=venue.pk).update(time_zone="America/New_York")
    for hour, name in ((4, "late.before"), (5, "first.of_day")):  # midnight of the 21st there is 05:00 UTC
        with time_machine.travel(datetime(2026, 11, 21, hour, 30, tzinfo=UTC), tick=False):
            record(name, venue)
    assert actions(olga, since="2026-11-21", until="2026-11-21") == ["first.of_day"]
    assert actions(olga, until="2026-11-20") == ["late.before"]


def test_staff_read_of_their_venues_alone(
    olga: User, stan: User, venue: Venue, other_venue: Venue, clear: None
) -> None:
    record("venue.secret", other_venue)
    record("venue.changed", venue)
    record("platform.changed", None)
    secret = AuditLog.objects.get(action="venue.secret")
    assert actions(olga) == ["venue.changed"]
    for asked in (
        {"at": other_venue.pk}, {"correlation": secret.correlation_id}, {"about": "venues.venue"},
        {"about": "venues.venue", "number": other_venue.slug}, {"action": "venue.secret"}, {"at": "nonsense"},
        {"older": questions.mark(AuditLog.objects.latest("created_at"))},
    ):  # fmt: skip
        assert "venue.secret" not in actions(olga, **asked), asked
        assert "platform.changed" not in actions(olga, **asked), asked
    assert as_(olga).get(url(AuditLog, "change", secret.pk)).status_code == 302


def test_who_works_at_two_venues_looks_at_one_at_a_time(
    olga: User, venue: Venue, other_venue: Venue, clear: None
) -> None:
    StaffFactory(user=olga, venue=other_venue, role=VenueStaff.Role.MANAGER)
    record("here.changed", venue)
    record("there.changed", other_venue)
    assert "there.changed" not in actions(olga, at=venue.pk)
    assert "here.changed" in actions(olga, at=venue.pk)
    assert "there.changed" in actions(olga, at=other_venue.pk)


def test_a_super_admin_reads_everything(ada: User, venue: Venue, other_venue: Venue, clear: None) -> None:
    for each in (venue, other_venue, None):
        record("thing.done", each)
    assert len(actions(ada)) == 3
    assert len(actions(ada, at=venue.pk)) == 1


def test_a_steward_reads_nothing(gus: User) -> None:
    assert as_(gus).get(BROWSER).status_code == 403


def test_the_difference_is_readable() -> None:
    entry = AuditLog(
        old_values={"status": "paid", "address": {"city": "Here", "zip": "1"}, "seats": ["A1", "A2"], "note": "x"},
        new_values={"status": "refunded", "address": {"city": "There", "zip": "1"}, "seats": [], "amount": 0},
    )
    assert {(each.name, each.before, each.after, each.kind) for each in changes.of(entry)} == {
        ("status", "paid", "refunded", "changed"),
        ("address: city", "Here", "There", "changed"),
        ("address: zip", "1", "1", "same"),
        ("seats", "A1, A2", "nothing", "changed"),
        ("note", "x", "", "removed"),
        ("amount", "", "0", "added"),
    }
    assert changes.of(entry)[-1].kind == "same"


def test_amounts_and_times_are_those_of_the_venue(olga: User, venue: Venue, clear: None) -> None:
    Venue.objects.filter(pk=venue.pk).update(time_zone="America/New_York", currency="USD")
    record("order.refunded", venue, new={"amount": 1250, "at": datetime(2026, 11, 21, 5, 30, tzinfo=UTC)})
    page = as_(olga).get(BROWSER).content.decode()
    assert "<ins>$12.50</ins>" in page
    assert "<ins>Sat 21 Nov 2026, 00:30 EST</ins>" in page


def test_values_are_text_and_never_markup(olga: User, venue: Venue, clear: None) -> None:
    record("venue.changed", venue, old={"name": "<script>a"}, new={"name": "<b>bold"})
    page = as_(olga).get(BROWSER).content.decode()
    assert "<script>a" not in page
    assert "<del>&lt;script&gt;a</del>" in page
    assert "<ins>&lt;b&gt;bold</ins>" in page


def test_an_entrys_page_shows_what_else_the_request_did(
    olga: User, venue: Venue, other_venue: Venue, clear: None
) -> None:
    correlation.begin("the-request")
    entry = record("order.refunded", venue)
    record("payment.refunded", venue)
    record("venue.secret", other_venue)
    page = as_(olga).get(url(AuditLog, "change", entry.pk)).content.decode()
    assert "payment.refunded" in page
    assert "venue.secret" not in page


def test_the_page_says_whether_the_trail_was_verified(ada: User, olga: User, venue: Venue, clear: None) -> None:
    def page(user: User) -> str:
        return as_(user).get(BROWSER).content.decode()

    assert "Nobody has verified" in page(ada)
    AuditCheck.objects.create(checked_at=timezone.now(), is_intact=True, sealed=7)
    assert "intact, 7 entries sealed" in page(olga)
    AuditCheck.objects.create(checked_at=timezone.now(), is_intact=False, finding="entry 5 was deleted")
    assert "entry 5 was deleted" in page(ada)
    assert "broken" in page(olga)
    assert "entry 5 was deleted" not in page(olga)


def test_verifying_keeps_what_it_found(venue: Venue, clear: None) -> None:
    record("venue.changed", venue)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE audit_auditlog SET action = 'forged'")
    with pytest.raises(CommandError):
        call_command("verify_audit")
    check = AuditCheck.objects.get()
    assert not check.is_intact
    assert check.finding


def test_a_page_costs_the_same_however_much_it_shows(olga: User, venue: Venue, clear: None) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as asked:
            client.get(BROWSER)
        assert not any("COUNT(" in each["sql"].upper() for each in asked.captured_queries)
        return len(asked)

    client = as_(olga)
    record("thing.done", venue)
    few = cost()
    for number in range(60):
        record("thing.done", EventFactory(venue=venue) if number < 3 else venue)
    assert cost() == few < 12


class TestThroughTheApi:
    def ask(self, api: Any, user: User, venue: Venue, **asked: Any) -> Any:
        return api.as_(user).get(f"/api/v1/venues/{venue.pk}/audit", asked)

    def test_it_answers_the_same(self, api: Any, olga: User, venue: Venue, clear: None) -> None:
        entry = record("venue.changed", venue, old={"name": "a"}, new={"name": "b"}, actor=olga)
        body = self.ask(api, olga, venue).json()
        assert body["older"] == ""
        assert body["results"][0] | {"created_at": ""} == {
            "id": str(entry.pk), "created_at": "", "action": "venue.changed",
            "actor": {"id": str(olga.pk), "name": str(olga), "device": None}, "entity_type": "venues.venue",
            "entity_id": str(venue.pk), "old_values": {"name": "a"}, "new_values": {"name": "b"},
            "correlation_id": entry.correlation_id,
        }  # fmt: skip

    def test_pages_and_filters(self, api: Any, olga: User, venue: Venue, clear: None) -> None:
        for number in range(5):
            record(f"thing.number_{number}", venue)
        first = self.ask(api, olga, venue, limit=3).json()
        second = self.ask(api, olga, venue, limit=3, older=first["older"]).json()
        assert [each["action"] for each in first["results"] + second["results"]] == [
            f"thing.number_{number}" for number in range(4, -1, -1)
        ]
        only = self.ask(api, olga, venue, action="thing.number_2", entity_type="venues.venue", entity=venue.slug)
        assert len(only.json()["results"]) == 1
        assert self.ask(api, olga, venue, actor=uuid4()).json()["results"] == []

    def test_refusals(self, api: Any, olga: User, gus: User, stan: User, fay: User, venue: Venue) -> None:
        assert self.ask(api, olga, venue, older="nonsense").status_code == 422
        assert self.ask(api, olga, venue, entity="ABC").status_code == 422
        assert self.ask(api, gus, venue).status_code == 403
        assert self.ask(api, stan, venue).status_code in (403, 404)
        assert self.ask(api, fay, venue).status_code in (403, 404)
        assert self.ask(api, None, venue).status_code == 401
