"""Signing in to the console: address and password, then a code for who has a second factor."""

from __future__ import annotations

from math import ceil
from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.contrib import admin
from django.contrib.auth import login
from django.contrib.auth.views import LoginView
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters
from unfold.forms import AuthenticationForm
from unfold.widgets import UnfoldAdminTextInputWidget

from accounts import lockout, new_devices, pending_sign_in
from accounts.console_sessions import sessions
from accounts.models import User
from accounts.second_factor import checking
from audit.trail import record
from trufan.lib.errors import DomainError
from trufan.lib.words import lazy as _

BACKEND = "django.contrib.auth.backends.ModelBackend"


class SignInForm(AuthenticationForm):
    """E-mail address and password of somebody on a staff; says so when repeated failures locked the address."""

    error_messages: ClassVar[dict[str, Any]] = {
        **AuthenticationForm.error_messages,
        "invalid_login": "The e-mail address or the password is not right, or this account is not on any staff.",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = "E-mail address"

    def clean(self) -> dict[str, Any]:
        try:
            return super().clean()
        except ValidationError:
            if not getattr(self.request, "axes_locked_out", False):
                raise
            # Said here, in the page; unset, or the middleware would put a bare line in place of the page.
            self.request.axes_locked_out = False
            address = lockout.username_of(self.request)
            minutes = ceil(lockout.seconds_left(self.request, address, timezone.now()) / 60)
            raise ValidationError(
                gettext(
                    "Too many failed attempts. Signing in with this address is locked for {minutes} minutes."
                ).format(minutes=minutes),
                code="locked",
            ) from None


class CodeForm(forms.Form):
    """A code of the authenticator, or one of the recovery codes."""

    code = forms.CharField(
        max_length=20,
        label=_("Code"),
        help_text=_("The six digits that your authenticator shows, or one of your recovery codes."),
        widget=UnfoldAdminTextInputWidget(
            attrs={
                "autocomplete": "one-time-code",
                "autocapitalize": "characters",
                "spellcheck": "false",
                "autofocus": True,
            }
        ),
    )


class PasswordStep(LoginView):
    """The first page. Who has a second factor is not signed in by it, but sent on to the second."""

    template_name = "admin/login.html"
    authentication_form = SignInForm

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if admin.site.has_permission(request):
            return HttpResponseRedirect(reverse("admin:index"))
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs) | admin.site.each_context(self.request)
        wanted = self.request.GET.get("next") or self.request.POST.get("next") or reverse("admin:index")
        return context | {"title": gettext("Sign in"), "app_path": self.request.get_full_path(), "next": wanted}

    def form_valid(self, form: Any) -> HttpResponse:
        user, now = form.get_user(), timezone.now()
        if checking.of(user) is not None:
            pending_sign_in.remember(self.request, user, self.get_success_url(), now)
            return HttpResponseRedirect(reverse("console_login_code"))
        _let_in(self.request, user)
        return HttpResponseRedirect(self.get_success_url())


@never_cache
@csrf_protect
@sensitive_post_parameters()
def code_step(request: HttpRequest) -> HttpResponse:
    """The second page. Wrong codes are counted for the person, and lock for longer each time."""
    user = pending_sign_in.of(request, timezone.now())
    if user is None:
        return HttpResponseRedirect(reverse("admin:login"))
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _is_right(form, user):
        wanted = pending_sign_in.back_to(request)
        pending_sign_in.forget(request)
        _let_in(request, user)
        sessions.mark_passed(request)
        return HttpResponseRedirect(_safe(request, wanted))
    context = {
        **admin.site.each_context(request),
        "title": gettext("Sign in"),
        "form": form,
        "email": user.email,
        "sidebar_navigation": [],
    }
    return TemplateResponse(request, "admin/login_code.html", context)


def _is_right(form: CodeForm, user: User) -> bool:
    try:
        checking.check(user, form.cleaned_data["code"], timezone.now())
    except DomainError as refusal:
        form.add_error("code", refusal.message)
        return False
    return True


def _let_in(request: HttpRequest, user: Any) -> None:
    login(request, user, backend=BACKEND)
    record("user.signed_in_to_console", user, actor=user)
    if (session := sessions.of(request)) is not None:
        new_devices.tell_of_session(user, session, timezone.now())


def _safe(request: HttpRequest, wanted: str) -> str:
    is_ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if is_ours else str(reverse(settings.LOGIN_REDIRECT_URL))


password_step = never_cache(PasswordStep.as_view())
