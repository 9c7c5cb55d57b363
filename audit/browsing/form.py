"""The filters of the audit browser."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django import forms
from django.contrib.auth import get_user_model
from django.utils.translation import gettext
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from audit.browsing import naming
from audit.browsing.questions import Question
from trufan.lib.console.venue_labels import VenueLabel
from trufan.lib.words import lazy as _


class _Date(UnfoldAdminTextInputWidget):
    input_type = "date"


class FilterForm(forms.Form):
    """Narrows the trail; days are those of the venue that is looked at."""

    at = forms.ChoiceField(label=_("Venue"), required=False, widget=UnfoldAdminSelectWidget)
    about = forms.ChoiceField(label=_("About"), required=False, widget=UnfoldAdminSelectWidget)
    number = forms.CharField(
        label=_("Its number or id"),
        required=False,
        max_length=60,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("Such as an order's number. Choose what it is about first."),
    )
    who = forms.CharField(
        label=_("Who"),
        required=False,
        max_length=254,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("An e-mail address."),
    )
    action = forms.CharField(
        label=_("What was done"),
        required=False,
        max_length=80,
        widget=UnfoldAdminTextInputWidget(attrs={"list": "audit-actions"}),
        help_text=_("Such as order.refunded."),
    )
    since = forms.DateField(label=_("From day"), required=False, widget=_Date)
    until = forms.DateField(label=_("To day"), required=False, widget=_Date)
    correlation = forms.CharField(
        label=_("Correlation id"),
        required=False,
        max_length=64,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("Everything that one request did."),
    )

    def __init__(self, *args: Any, venues: Sequence[VenueLabel], sees_all: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.venues = {str(label.id): label for label in venues}
        self.sees_all = sees_all
        choices = [(key, label.name) for key, label in self.venues.items()]
        self._choose("at", [("", gettext("All venues")), *choices] if sees_all else choices)
        self._choose("about", [("", gettext("Anything")), *naming.types()])
        if not sees_all and len(choices) < 2:
            del self.fields["at"]

    def _choose(self, name: str, choices: list[tuple[str, str]]) -> None:
        field: Any = self.fields[name]
        field.choices = choices

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("number") and not cleaned.get("about"):
            self.add_error("number", gettext("Choose what it is about, so that the number can be looked up."))
        return cleaned

    @property
    def label(self) -> VenueLabel | None:
        """The venue that is looked at; None: all of them."""
        chosen = self.cleaned_data.get("at") if self.is_valid() else ""
        if chosen:
            return self.venues[chosen]
        return None if self.sees_all else next(iter(self.venues.values()), None)

    def question(self) -> Question:
        """What was asked, with nothing of a venue that may not be read."""
        given = self.cleaned_data
        label = self.label
        zone = label.zone if label else ZoneInfo("UTC")
        since, until = given.get("since"), given.get("until")
        return Question(
            venue_ids=self._venue_ids(label),
            entity_type=given["about"],
            entity_ids=naming.rows_named(given["about"], given["number"]) if given["number"] else None,
            actor_ids=_people(given["who"]) if given["who"] else None,
            action=given["action"].strip(),
            begins=datetime.combine(since, time.min, zone) if since else None,
            ends=datetime.combine(until + timedelta(days=1), time.min, zone) if until else None,
            correlation_id=given["correlation"].strip(),
        )

    def _venue_ids(self, label: VenueLabel | None) -> list[UUID] | None:
        """One venue at a time for staff, which one index answers."""
        if label is not None:
            return [label.id]
        return None if self.sees_all else []


def _people(typed: str) -> list[UUID]:
    people: Any = get_user_model()._default_manager
    return list(people.filter(email=people.normalize_email(typed)).values_list("pk", flat=True))
