"""The public list of events: from memory for a moment, for the public alone."""

from __future__ import annotations

import time

import pytest

from events.models import Event
from events.views import EventViewSet
from trufan.testing import Caller

LIST = "/api/v1/events"


@pytest.fixture
def kept(settings):
    settings.PUBLIC_READ_SECONDS = 60


@pytest.fixture
def nobody(api) -> Caller:
    return api.as_(None)


def rename(event: Event) -> None:
    Event.objects.filter(pk=event.pk).update(name="Another name")


def test_the_public_is_answered_from_memory(kept, nobody, event, django_assert_num_queries):
    first = nobody.get(LIST)
    rename(event)
    with django_assert_num_queries(0):
        again = nobody.get(LIST)
    assert again.content == first.content
    assert again["Content-Type"] == first["Content-Type"] == "application/json"


def test_one_makes_it_anew_while_the_others_read_the_old_one(kept, nobody, event, monkeypatch):
    old = nobody.get(LIST).json()
    rename(event)
    later = time.time() + 61
    monkeypatch.setattr("trufan.lib.kept_reads.time.time", lambda: later)
    meanwhile = []
    find = EventViewSet.filter_queryset

    def slowly(view, events):
        meanwhile.append(nobody.get(LIST).json())
        return find(view, events)

    monkeypatch.setattr(EventViewSet, "filter_queryset", slowly)
    renewed = nobody.get(LIST).json()
    assert meanwhile == [old]
    assert renewed["results"][0]["name"] == nobody.get(LIST).json()["results"][0]["name"] == "Another name"
    assert len(meanwhile) == 1


def test_who_has_it_is_told_so(kept, nobody, event):
    tag = nobody.get(LIST)["ETag"]
    again = nobody.get(LIST, headers={"If-None-Match": tag})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", tag)


def test_another_page_another_answer(kept, nobody, event):
    assert nobody.get(f"{LIST}?limit=1").json()["count"] == 1
    assert nobody.get(f"{LIST}?limit=1&skip=1").json()["results"] == []


def test_who_is_signed_in_reads_it_as_it_is(kept, api, nobody, fay, event):
    nobody.get(LIST)
    rename(event)
    assert api.as_(fay).get(LIST).json()["results"][0]["name"] == "Another name"


def test_a_token_that_is_none_is_refused_all_the_same(kept, nobody, event):
    nobody.get(LIST)
    assert nobody.get(LIST, headers={"Authorization": "Bearer nonsense"}).status_code == 401


def test_a_search_is_not_kept(kept, nobody, event):
    nobody.get(f"{LIST}?search=")
    rename(event)
    assert nobody.get(f"{LIST}?search=").json()["results"][0]["name"] == "Another name"


def test_a_refusal_is_not_kept(kept, nobody, event):
    page = f"{LIST}/{event.pk}"
    Event.objects.filter(pk=event.pk).update(status=Event.Status.DRAFT)
    assert nobody.get(page).status_code == 404
    Event.objects.filter(pk=event.pk).update(status=Event.Status.PUBLISHED)
    assert nobody.get(page).status_code == 200


def test_another_language_another_answer(kept, nobody, event):
    nobody.get(LIST)
    rename(event)
    assert nobody.get(LIST, headers={"Accept-Language": "es"}).json()["results"][0]["name"] == "Another name"


def test_nothing_is_kept_where_it_is_switched_off(settings, nobody, event):
    settings.PUBLIC_READ_SECONDS = 0
    nobody.get(LIST)
    rename(event)
    assert nobody.get(LIST).json()["results"][0]["name"] == "Another name"
