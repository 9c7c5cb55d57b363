"""A venue's payouts in the console: how its account stands, what the provider asks for, and what is done about it."""

from __future__ import annotations

from collections.abc import Iterable
from functools import update_wrapper
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext

from accounts.grants import Permission
from payments import onboarding, requirements
from payments.models import ConnectedAccount
from trufan.lib.console import columns
from trufan.lib.console.forms import in_full
from trufan.lib.console.sections import Section
from trufan.lib.errors import DomainError
from trufan.lib.words import lazy as _
from venues import payouts
from venues.models import Venue

NAME = "venues_venue_payouts"
_COLOURS = {"ready": "success", "pending": "warning", "restricted": "warning", "disabled": "danger", "none": "default"}
_MEANS = {
    "none": _("There is no account yet. Setting up payouts opens one at the payment provider."),
    "pending": _("Nobody has set it up at the payment provider yet. Money waits until somebody does."),
    "restricted": _("The provider wants to know more before any money goes out. Until then it waits."),
    "ready": _("Nothing is missing. The venue’s shares are sent to it by themselves."),
    "disabled": _("The provider has closed this account. Ask its support why; money waits meanwhile."),
}


def url_of(venue_id: UUID) -> str:
    """The screen of one venue."""
    return reverse(f"admin:{NAME}", args=[venue_id])


class PayoutsMixin:
    """Gives a venue's page the screen of its payouts, for who manages them there."""

    def get_urls(self) -> list[URLPattern]:
        def view(request: HttpRequest, object_id: str) -> HttpResponse:
            return self.admin_site.admin_view(self.payouts_view)(request, object_id)

        return [
            path("<path:object_id>/payouts/", update_wrapper(view, self.payouts_view), name=NAME),
            *super().get_urls(),
        ]

    def payouts_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """GET shows; POST asks the provider, or asks it for a link to its form."""
        venue = self.get_object(request, unquote(object_id))
        if venue is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if not self.may(request, Permission.MANAGE_PAYOUTS, venue):
            raise PermissionDenied
        if request.method not in ("GET", "HEAD", "POST"):
            return HttpResponseNotAllowed(["GET", "POST"])
        link = ""
        if request.method == "POST":
            try:
                link = _press(request, venue)
            except DomainError as refusal:
                messages.error(request, in_full(refusal))
            if not link:
                return HttpResponseRedirect(url_of(venue.pk))
        account = venue.connected_account
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Payouts of {venue}").format(venue=venue),
            "opts": self.opts,
            "media": self.media,
            "sections": list(_sections(self, request, venue, account)),
            "link": link,
            "is_ready": account is not None and account.is_ready,
            "may_ask": account is not None and bool(account.provider_id),
            "back": columns.change_url(venue),
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "admin/console/payouts.html", context)


def section(venue: Venue) -> Section:
    """On the venue's own page: the state, and the way to the screen."""
    state = venue.connected_account.status if venue.connected_account else "none"
    return Section(
        title=gettext("Payouts"),
        headers=[gettext("status"), gettext("what that means")],
        rows=[[columns.label(state, _COLOURS), str(_MEANS[state])]],
        link=url_of(venue.pk),
        link_label=gettext("Look at payouts"),
    )


def _press(request: HttpRequest, venue: Venue) -> str:
    """The address of the provider's form, where that was asked for. Raises what the rule refuses."""
    deed = request.POST.get("deed", "")
    if deed == "begin":
        return payouts.begin(venue, by=request.user).url
    if deed != "ask":
        raise Http404
    account = payouts.standing(venue, timezone.now())
    if account is not None:
        state = columns.words(account.status)
        messages.success(request, gettext("The provider was asked. The account is: {state}.").format(state=state))
    return ""


def _sections(page: Any, request: HttpRequest, venue: Venue, account: ConnectedAccount | None) -> Iterable[Section]:
    yield _state(page, request, venue, account)
    if account is None:
        return
    yield Section(
        title=gettext("What the provider asks for"),
        headers=[gettext("what"), gettext("by its own name")],
        rows=[[requirements.in_words(str(name)), str(name)] for name in account.requirements],
        empty=gettext("Nothing.") if account.checked_at else gettext("It was not asked yet."),
    )
    yield Section(
        title=gettext("Money that waits for it"),
        headers=[gettext("currency"), gettext("amount"), gettext("shares")],
        rows=[
            [currency, columns.show(amount, currency), count]
            for currency, amount, count in onboarding.waiting_for(account)
        ],
        empty=gettext("None."),
    )


def _state(page: Any, request: HttpRequest, venue: Venue, account: ConnectedAccount | None) -> Section:
    state = account.status if account else "none"
    rows: list[list[Any]] = [
        [gettext("status"), columns.label(state, _COLOURS)],
        [gettext("what that means"), str(_MEANS[state])],
    ]
    if account is not None:
        rows += [
            [gettext("recipient"), page.link(request, account)],
            [gettext("provider"), f"{account.provider} {account.provider_id or ''}".strip()],
            [gettext("currency"), account.default_currency],
            [gettext("last asked"), columns.local_time(account.checked_at, venue.zone)],
        ]
    return Section(title=gettext("How it stands"), headers=["", ""], rows=rows)
