"""The console's pages of switches: all of them, and the form of one; super admins alone."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminRadioSelectWidget,
    UnfoldBooleanWidget,
)

from trufan.lib import flags
from trufan.lib.console import columns
from trufan.lib.console.forms import Answers
from trufan.lib.console.sections import Section
from trufan.lib.errors import DomainError, Missing
from trufan.lib.flags import Flag, FlagSetting, Mode
from trufan.lib.words import lazy as _
from venues.flags import changing
from venues.models import Venue


class SwitchForm(Answers):
    """How one flag stands; it asks only for what is known where the flag is obeyed."""

    mode = forms.ChoiceField(label=_("Switched"), widget=UnfoldAdminRadioSelectWidget)
    venues = forms.ModelMultipleChoiceField(
        Venue.objects.none(), required=False, label=_("Venues"), widget=UnfoldAdminCheckboxSelectMultipleWidget
    )
    percent = forms.IntegerField(
        required=False,
        min_value=0,
        max_value=100,
        label=_("Percent of the users"),
        widget=UnfoldAdminIntegerFieldWidget,
        help_text=_("The same people every time; with a higher number others join them."),
    )
    staff = forms.BooleanField(required=False, label=_("Everybody who works at a venue"), widget=UnfoldBooleanWidget)

    def __init__(self, flag: Flag, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        allowed = changing.modes_of(flag)
        fields: dict[str, Any] = self.fields
        fields["mode"].choices = [each for each in Mode.choices if each[0] in allowed]
        fields["venues"].queryset = Venue.objects.order_by("name", "pk")
        if "venue" not in flag.knows:
            del self.fields["venues"]
        if "user" not in flag.knows:
            del self.fields["percent"], self.fields["staff"]

    def asked(self) -> dict[str, Any]:
        given = self.cleaned_data
        return {
            "mode": given["mode"],
            "percent": given.get("percent") or 0,
            "staff": given.get("staff", False),
            "venue_ids": [venue.pk for venue in given.get("venues", ())],
        }


def may_switch(request: HttpRequest) -> bool:
    """Whether the person may read and change them."""
    return request.user.is_active and request.user.is_superuser


@never_cache
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """Every declared flag and how it stands, and rows of flags that are no more."""
    _only_for_super_admins(request)
    leftovers = flags.leftovers()
    context = {
        **admin.site.each_context(request),
        "title": gettext("Switches"),
        "sections": [_declared()],
        "leftovers": leftovers,
    }
    return TemplateResponse(request, "admin/console/flags.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def switch(request: HttpRequest, name: str) -> HttpResponse:
    """The form of one flag."""
    _only_for_super_admins(request)
    try:
        flag = flags.find(name)
    except Missing as unknown:
        raise Http404 from unknown
    row = FlagSetting.objects.filter(flag=name).first() or FlagSetting(flag=name)
    form = SwitchForm(flag, request.POST or None, initial=_initial(row))
    if form.is_valid() and _changed(request, flag, form):
        return HttpResponseRedirect(reverse("console_flags"))
    said = {"title": str(flag.what), "flag": flag, "form": form, "back": reverse("console_flags")}
    return TemplateResponse(request, "admin/console/flag.html", {**admin.site.each_context(request), **said})


@require_POST
def forget(request: HttpRequest, name: str) -> HttpResponse:
    """Remove the row of a flag that no code declares any more."""
    _only_for_super_admins(request)
    try:
        changing.forget(name, by=request.user)
    except Missing as unknown:
        raise Http404 from unknown
    messages.success(request, gettext("{name} is forgotten.").format(name=name))
    return HttpResponseRedirect(reverse("console_flags"))


urlpatterns = [
    path("", admin.site.admin_view(overview), name="console_flags"),
    path("<slug:name>/", admin.site.admin_view(switch), name="console_flag"),
    path("<slug:name>/forget/", admin.site.admin_view(forget), name="console_flag_forget"),
]


def _only_for_super_admins(request: HttpRequest) -> None:
    if not may_switch(request):
        raise PermissionDenied


def _changed(request: HttpRequest, flag: Flag, form: SwitchForm) -> bool:
    """Whether the rule took it; its refusals come back on the form."""
    try:
        changing.change(flag.name, by=request.user, **form.asked())
    except DomainError as refusal:
        for detail in refusal.details or [refusal.at("")]:
            form.add_error(detail.field if detail.field in form.fields else None, detail.message)
        return False
    messages.success(request, gettext("{name} is switched.").format(name=flag.name))
    return True


def _initial(row: FlagSetting) -> dict[str, Any]:
    return {"mode": row.mode, "percent": row.percent, "staff": row.staff, "venues": row.venue_ids}


def _declared() -> Section:
    rows = {row.flag: row for row in FlagSetting.objects.all()}
    names = dict(Venue.objects.values_list("pk", "name"))
    return Section(
        title=gettext("What can be switched"),
        headers=[gettext("what"), gettext("name"), gettext("switched"), gettext("declared"), gettext("remove from")],
        rows=[
            [
                columns.anchor(reverse("console_flag", args=[each.name]), str(each.what)),
                each.name,
                _stands(each, rows.get(each.name), {str(pk): name for pk, name in names.items()}),
                _on_or_off(each.default),
                each.until.isoformat() if each.until else gettext("stays"),
            ]
            for each in flags.declared()
        ],
    )


def _stands(flag: Flag, row: FlagSetting | None, venues: dict[str, str]) -> str:
    """`off only at the venues chosen: Garden Arena`."""
    if row is None or row.mode == Mode.DEFAULT:
        return _on_or_off(flag.default)
    chosen = [venues.get(each, each) for each in row.venue_ids]
    if row.percent:
        chosen.append(gettext("{percent} % of the users").format(percent=row.percent))
    if row.staff:
        chosen.append(gettext("everybody who works at a venue"))
    mode = str(row.get_mode_display())
    return f"{mode}: {', '.join(chosen)}" if chosen else mode


def _on_or_off(is_on: bool) -> str:
    return gettext("switched on") if is_on else gettext("switched off")
