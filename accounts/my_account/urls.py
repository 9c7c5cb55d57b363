"""Where one's own account is, inside the console."""

from __future__ import annotations

from django.contrib import admin
from django.urls import URLPattern, path

from accounts.console import change_password
from accounts.my_account import factor_views, views


def urls() -> list[URLPattern]:
    """In front of Django's own, whose page for passwords skips our rule."""
    inside = admin.site.admin_view
    return [
        path("password_change/", inside(change_password), name="password_change"),
        path("account/", inside(views.show), name="account"),
        path("account/second-factor/", inside(factor_views.set_up), name="second_factor_set_up"),
        path("account/second-factor/remove/", inside(factor_views.remove), name="second_factor_remove"),
        path("account/recovery-codes/", inside(factor_views.renew_codes), name="recovery_codes"),
        # Asked by scripts, also of pages whose session has ended: answered, not sent to the login page.
        path("account/session/", views.state, name="account_session_state"),
        path("account/sessions/end-others/", inside(views.end_others), name="account_end_others"),
        path("account/sessions/<uuid:pk>/end/", inside(views.end_session), name="account_session_end"),
        path("account/devices/<uuid:pk>/end/", inside(views.end_device), name="account_device_end"),
    ]
