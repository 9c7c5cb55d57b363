"""Setting up, replacing and removing one's second factor, and making new recovery codes."""

from __future__ import annotations

import base64
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from accounts.console_sessions import sessions
from accounts.errors import SecondFactorMissing, SecondFactorStays
from accounts.my_account.forms import ProofForm, SetUpForm
from accounts.my_account.pages import ask, page
from accounts.my_account.proving import is_proved
from accounts.second_factor import checking, policy, setting_up, totp
from trufan.lib import qr
from trufan.lib.errors import DomainError
from trufan.lib.sealing import seal, unseal

#: Where the secret waits, sealed, until a code proves that the person has it.
_WAITING = "second_factor_secret"


@never_cache
@sensitive_post_parameters()
def set_up(request: HttpRequest) -> HttpResponse:
    """The QR code and the secret in words; a code of it makes it good. Everything else waits where it is required."""
    user: Any = request.user
    now, has_factor = timezone.now(), checking.of(user) is not None
    secret = _waiting_secret(request)
    form = SetUpForm(request.POST or None, has_factor=has_factor)
    if request.method == "POST" and form.is_valid() and is_proved(request, user, form, now):
        try:
            key = request.session.session_key or ""
            codes = setting_up.confirm(user, secret, form.cleaned_data["code"], now, keep_session=key)
        except DomainError as refusal:
            form.add_error("code", refusal.message)
        else:
            del request.session[_WAITING]
            sessions.mark_passed(request)
            return _shown_once(request, codes)
    return page(
        request,
        "set_up.html",
        gettext("Replace your second factor") if has_factor else gettext("Set up a second factor"),
        form=form,
        has_factor=has_factor,
        is_required=policy.is_required_of(user),
        secret=totp.in_groups(secret),
        address=totp.address(secret, user),
        picture=_picture(totp.address(secret, user)),
    )


@never_cache
@sensitive_post_parameters()
def renew_codes(request: HttpRequest) -> HttpResponse:
    """Ten new recovery codes, shown once."""
    user: Any = request.user
    if checking.of(user) is None:
        return _refused(request, SecondFactorMissing())
    form = ProofForm(request.POST or None, has_factor=True)
    if request.method == "POST" and form.is_valid() and is_proved(request, user, form, timezone.now()):
        return _shown_once(request, setting_up.renew_codes(user))
    return ask(
        request,
        "Make new recovery codes",
        "You get ten new recovery codes. Those that you have are no longer good, used or not.",
        form,
        button="Make new codes",
    )


@never_cache
@sensitive_post_parameters()
def remove(request: HttpRequest) -> HttpResponse:
    """Do without, where one may."""
    user: Any = request.user
    if checking.of(user) is None:
        return _refused(request, SecondFactorMissing())
    if policy.is_required_of(user):
        return _refused(request, SecondFactorStays())
    form = ProofForm(request.POST or None, has_factor=True)
    if request.method == "POST" and form.is_valid() and is_proved(request, user, form, timezone.now()):
        setting_up.remove(user)
        sessions.mark_passed(request, False)
        messages.success(request, gettext("Your second factor is removed. Your password alone signs you in."))
        return HttpResponseRedirect(reverse("admin:account"))
    return ask(
        request,
        "Remove your second factor",
        "Signing in asks for your password alone from then on, in the console and the API. Your recovery codes go too.",
        form,
        button="Remove it",
        is_destructive=True,
    )


def _waiting_secret(request: HttpRequest) -> str:
    sealed = request.session.get(_WAITING)
    if sealed is None:
        secret = totp.new_secret()
        request.session[_WAITING] = seal(secret)
        return secret
    return unseal(sealed)


def _picture(address: str) -> str:
    drawn = qr.picture(address, "svg", "Secret of your second factor")
    return "data:image/svg+xml;base64," + base64.b64encode(drawn).decode()


def _shown_once(request: HttpRequest, codes: list[str]) -> HttpResponse:
    return page(request, "recovery_codes.html", "Your recovery codes", codes=codes)


def _refused(request: HttpRequest, refusal: DomainError) -> HttpResponse:
    messages.error(request, refusal.message)
    return HttpResponseRedirect(reverse("admin:account"))
