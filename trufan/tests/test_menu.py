"""The menu says where one is: one entry of it is current, that of the page."""

from __future__ import annotations

import pytest
from django.urls import reverse

from accounts.models import User
from trufan.menu import navigation
from trufan.tests.console_client import as_

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "page, entry",
    [
        ("admin:index", "admin:index"),
        ("admin:reports_reportschedule_reports", "admin:reports_reportschedule_reports"),
        ("admin:reports_reportschedule_changelist", "admin:reports_reportschedule_changelist"),
        ("admin:reports_reportschedule_add", "admin:reports_reportschedule_changelist"),
        ("admin:ticketing_doorsale_changelist", "admin:ticketing_doorsale_changelist"),
    ],
)
def test_one_entry_is_current_that_of_the_page(ada: User, page: str, entry: str) -> None:
    client = as_(ada)
    request = client.get(reverse(page)).wsgi_request
    current = [str(item["link"]) for group in navigation() for item in group["items"] if item["active"](request)]
    assert current == [reverse(entry)]
