"""The console shows what was said to whom, and says it again where it failed."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from audit.models import AuditLog
from notifications.models import Notification, Suppression
from notifications.refusals import suppressing
from trufan.tests.console_client import as_, buttons_on, press, url
from venues.models import Venue


@pytest.fixture
def mail(venue: Venue) -> Notification:
    return Notification.objects.create(
        venue_id=venue.pk, recipient="fay@example.com", template="order_paid", status="failed", attempts=8,
        context={"number": "ABC"}, next_attempt_at=timezone.now(), error="mailbox full",
    )  # fmt: skip


def test_a_failed_message_is_sent_again(olga: User, mail: Notification) -> None:
    assert buttons_on(olga, mail) == {"retry"}
    assert "on its way again" in press(olga, mail, "retry")
    mail.refresh_from_db()
    assert (mail.status, mail.attempts) == ("pending", 0)
    assert AuditLog.objects.get(action="notification.retried").actor == olga


@pytest.mark.parametrize("changes", [{"status": "sent"}, {"context": {Notification.ERASED: ["link"]}}])
def test_a_message_that_cannot_be_said_again_is_refused_in_words(
    changes: dict[str, Any], olga: User, mail: Notification
) -> None:
    Notification.objects.filter(pk=mail.pk).update(**changes)
    assert buttons_on(olga, mail) == set()
    assert "can't be sent again" in press(olga, mail, "retry")
    mail.refresh_from_db()
    assert mail.attempts == 8


def test_what_a_message_carries_is_shown_to_nobody(ada: User, mail: Notification) -> None:
    Notification.objects.filter(pk=mail.pk).update(context={"link": "https://example.com/secret"})
    page = as_(ada).get(url(Notification, "change", mail.pk)).content.decode()
    assert "mailbox full" in page
    assert "example.com/secret" not in page


def test_messages_of_no_venue_are_for_super_admins(olga: User, ada: User, mail: Notification) -> None:
    Notification.objects.filter(pk=mail.pk).update(venue_id=None, template="reset_password")
    assert not as_(olga).get(url(Notification, "changelist")).context["cl"].result_list
    assert as_(ada).get(url(Notification, "changelist")).context["cl"].result_list == [mail]


@pytest.fixture
def stopped(db: None) -> Suppression:
    suppressing.suppress("email", "fay@example.com", "bounced", detail="550 no such user")
    return Suppression.objects.get()


def test_super_admins_see_why_an_address_is_stopped_and_lift_it(ada: User, stopped: Suppression) -> None:
    assert "550 no such user" in as_(ada).get(url(Suppression, "change", stopped.pk)).content.decode()
    assert buttons_on(ada, stopped) == {"lift"}
    assert "hears from us again" in press(ada, stopped, "lift", words="She called")
    assert suppressing.refusal("email", "fay@example.com", "order_paid") is None
    assert AuditLog.objects.get(action="suppression.lifted").actor == ada


def test_stopped_addresses_are_no_venue_s_business(olga: User, stopped: Suppression) -> None:
    assert as_(olga).get(url(Suppression, "changelist")).status_code == 403
    assert as_(olga).get(url(Suppression, "change", stopped.pk)).status_code in (302, 403)
    assert Suppression.objects.exists()
