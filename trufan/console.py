"""How the console looks and what its menu holds (django-unfold's settings). Loaded with the settings: no apps here."""

from __future__ import annotations

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse_lazy

from trufan.lib.words import lazy as _
from trufan.menu import navigation


def _session_script(request: HttpRequest) -> str:
    from accounts.console_sessions.middleware import script_url

    return script_url(request)


UNFOLD = {
    "SITE_TITLE": "TruFan",
    "SITE_HEADER": "TruFan",
    "SITE_SUBHEADER": _("Console"),
    "SITE_SYMBOL": "confirmation_number",
    "SITE_URL": None,
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_BACK_BUTTON": True,
    "SHOW_LANGUAGES": True,
    "BORDER_RADIUS": "8px",
    "LOGIN": {"form": "trufan.console_login.SignInForm"},
    "DASHBOARD_CALLBACK": "trufan.dashboard.page.fill",
    "ENVIRONMENT": "trufan.dashboard.page.environment",
    "SCRIPTS": [lambda request: static("trufan/words.js"), _session_script, lambda request: static("trufan/header.js")],
    "ACCOUNT": {"navigation": [{"title": _("My account"), "link": reverse_lazy("admin:account")}]},
    "STYLES": [lambda request: static("trufan/console.css")],
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("trufan/favicon.svg")},
    ],
    "COLORS": {
        "primary": {
            "50": "oklch(97% .014 254.604)",
            "100": "oklch(93.2% .032 255.585)",
            "200": "oklch(88.2% .059 254.128)",
            "300": "oklch(80.9% .105 251.813)",
            "400": "oklch(70.7% .165 254.624)",
            "500": "oklch(62.3% .214 259.815)",
            "600": "oklch(54.6% .245 262.881)",
            "700": "oklch(48.8% .243 264.376)",
            "800": "oklch(42.4% .199 265.638)",
            "900": "oklch(37.9% .146 265.522)",
            "950": "oklch(28.2% .091 267.935)",
        },
    },
    "SIDEBAR": {
        "show_search": False,
        "show_all_applications": False,
        "navigation": navigation(),
    },
}
