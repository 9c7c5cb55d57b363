"""The console's page of a venue's own words: written, looked at as a sample, then put in use."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from audit.console import HistoryMixin
from notifications import templating
from notifications.html import html_of
from notifications.wording import changing, checking, rendering, sampling
from notifications.wording.models import MessageTemplate
from trufan.lib import words
from trufan.lib.console import columns
from trufan.lib.console.buttons import RowButton
from trufan.lib.console.filters import VenueFilter
from trufan.lib.console.saving import RuleSavedAdmin
from trufan.lib.console.venue_labels import of_request
from trufan.lib.words import lazy as _

#: What `accounts.grants.Permission` calls it; accounts stand above this app.
MANAGE_VENUE = "manage_venue"


class OwnWordsForm(forms.ModelForm):
    """The words. What they know is listed beside them once the message is chosen."""

    template = forms.ChoiceField(label=_("message"), widget=UnfoldAdminSelectWidget())
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES, widget=UnfoldAdminSelectWidget())

    class Meta:
        model = MessageTemplate
        fields = ["venue_id", "template", "language", "subject", "body", "sms", "push"]
        widgets = {
            "subject": UnfoldAdminTextInputWidget(),
            "body": UnfoldAdminTextareaWidget(attrs={"rows": 14}),
            "sms": UnfoldAdminTextareaWidget(attrs={"rows": 3}),
            "push": UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "template" in self.fields:
            chosen = cast("forms.ChoiceField", self.fields["template"])
            chosen.choices = [(name, words.within(name)) for name in checking.editable()]


@admin.register(MessageTemplate)
class MessageTemplateAdmin(HistoryMixin, RuleSavedAdmin):
    """Own words of messages, for those who manage the venue."""

    form = OwnWordsForm
    venue_lookup = "venue_id"
    view_permission = MANAGE_VENUE
    change_permission = MANAGE_VENUE
    can_add = True

    list_display = ["template", "language", "words_used", "at"]
    list_filter = [VenueFilter, "in_use", "language"]
    ordering = ["template", "language"]
    buttons = [
        RowButton(
            name="use",
            label=_("Use these words"),
            permission=MANAGE_VENUE,
            run=changing.use,
            consequence=_("From now on people get “{row}” in these words. Look at the preview first."),
            done=_("These words are in use."),
            available=lambda row: not row.in_use,
            icon="check",
        ),
        RowButton(
            name="standard",
            label=_("Back to the standard words"),
            permission=MANAGE_VENUE,
            run=changing.go_back,
            consequence=_("From now on people get “{row}” in the standard words. Your own are kept here."),
            done=_("The standard words are in use."),
            available=lambda row: row.in_use,
            icon="undo",
        ),
    ]

    at = columns.venue_name()

    @admin.display(description=_("words"))
    def words_used(self, row: MessageTemplate) -> str:
        return gettext("own words") if row.in_use else gettext("standard")

    @admin.display(description=_("variables"))
    def variables(self, row: MessageTemplate) -> Any:
        sample = sampling.context(row.template, row.language)
        lines = ((f"{{{{ {name} }}}}", str(value)) for name, value in sorted(sample.items()))
        return format_html_join("", "<div><code>{}</code> <span data-plain>{}</span></div>", lines)

    @admin.display(description=_("mail"))
    def mail(self, row: MessageTemplate) -> Any:
        said = _said(row, "email")
        if not said:
            return gettext("In the standard words.")
        sample = sampling.context(row.template, row.language)
        html = html_of(said["subject.txt"], said["body.txt"], link=templating.link_of(sample), language=row.language)
        return format_html(
            '<p><b>{}</b></p><iframe sandbox srcdoc="{}" title="{}" '
            'style="width:100%;height:30rem;border:1px solid #ddd;background:#fff"></iframe>',
            said["subject.txt"],
            # A plain string: as a safe one it would end the attribute that it stands in.
            str(html) + "",
            gettext("Preview"),
        )

    @admin.display(description=_("SMS"))
    def short(self, row: MessageTemplate) -> str:
        text = _said(row, "sms").get("sms.txt", "")
        return (
            gettext("{text} ({text2} characters)").format(text=text, text2=len(text))
            if text
            else gettext("In the standard words.")
        )

    @admin.display(description=_("push"))
    def pushed(self, row: MessageTemplate) -> str:
        return _said(row, "push").get("push.txt", "") or gettext("In the standard words.")

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name != "venue_id":
            return super().formfield_for_dbfield(db_field, request, **kwargs)
        labels = of_request(request)
        mine = set(labels) if request.user.is_superuser else self._venues(request, MANAGE_VENUE)
        choices = [(str(one), labels[one].name) for one in mine if one in labels]
        return forms.TypedChoiceField(
            label=gettext("Venue"), coerce=UUID, choices=choices, widget=UnfoldAdminSelectWidget()
        )

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        words = ["subject", "body", "sms", "push"]
        if obj is None:
            return [(None, {"fields": ["venue_id", "template", "language", *words]})]
        return [
            (None, {"fields": [("template", "language", "at"), "words_used", *words]}),
            (gettext("What it knows"), {"fields": ["variables"]}),
            (gettext("Preview of what is saved, with a sample"), {"fields": ["mail", "short", "pushed"]}),
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        shown = ["at", "words_used", "variables", "mail", "short", "pushed"]
        return ["template", "language", *shown] if obj else []

    def create(self, by: Any, fields: dict[str, Any]) -> MessageTemplate:
        return changing.write(by, **fields)

    def alter(self, row: MessageTemplate, by: Any, fields: dict[str, Any]) -> MessageTemplate:
        return changing.change(row, by, **fields)


def _said(row: MessageTemplate, channel: str) -> dict[str, str]:
    return rendering.said(row, channel, sampling.context(row.template, row.language))
