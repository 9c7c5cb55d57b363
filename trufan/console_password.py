"""Choosing a password in the console: by the link of an invitation, or of a mail that somebody asked for here.

The token of a link stands behind its #, which no server logs; a script hands it to the form.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods
from unfold.widgets import UnfoldAdminEmailInputWidget, UnfoldAdminPasswordWidget

from accounts import password_reset
from trufan.lib.errors import DomainError


class ForgottenForm(forms.Form):
    """Whose password is forgotten."""

    email = forms.EmailField(
        label=_("E-mail address"), widget=UnfoldAdminEmailInputWidget(attrs={"autocomplete": "username"})
    )


class NewPasswordForm(forms.Form):
    """A new password, twice, and the token of the link."""

    token = forms.CharField(max_length=400, required=False, widget=forms.HiddenInput)
    password = forms.CharField(
        label=_("New password"),
        max_length=128,
        strip=False,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label=_("New password, once more"),
        max_length=128,
        strip=False,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"}),
    )

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors and given["password"] != given["again"]:
            self.add_error("again", forms.ValidationError(_("The two are not the same."), code="mismatch"))
        return given


@never_cache
@csrf_protect
@require_http_methods(["GET", "HEAD", "POST"])
def forgotten(request: HttpRequest) -> HttpResponse:
    """Ask for a link by mail. The answer is the same whether or not the address has an account."""
    form = ForgottenForm(request.POST or None)
    if form.is_valid():
        password_reset.request_link(form.cleaned_data["email"])
        messages.success(request, gettext("If this address has an account, a link is on its way to it."))
        return HttpResponseRedirect(reverse("admin:login"))
    return _page(request, form, gettext("Forgotten password"), gettext("Send me a link"))


@never_cache
@csrf_protect
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def choose(request: HttpRequest) -> HttpResponse:
    """Choose a password by the link of a mail."""
    form = NewPasswordForm(request.POST or None)
    if form.is_valid():
        given = form.cleaned_data
        try:
            password_reset.reset(given["token"], given["password"], timezone.now())
        except DomainError as refusal:
            for detail in refusal.details:
                form.add_error("password" if detail.field == "new_password" else None, str(detail.message))
            if not refusal.details:
                form.add_error(None, str(refusal.message))
        else:
            messages.success(request, gettext("Your password is set. Sign in with it."))
            return HttpResponseRedirect(reverse("admin:login"))
    return _page(request, form, gettext("Choose your password"), gettext("Set the password"))


def _page(request: HttpRequest, form: forms.Form, title: str, deed: str) -> HttpResponse:
    context = {**admin.site.each_context(request), "form": form, "title": title, "deed": deed}
    return TemplateResponse(request, "admin/password.html", context)
