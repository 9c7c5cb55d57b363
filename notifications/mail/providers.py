"""The mail providers that django-anymail knows, by the names of its modules, and where their keys come from.

Read by `trufan.settings`, so it leans on nothing of Django's.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

#: The class in `anymail.webhooks.<name>` that reads what the provider reports; "" where it reports nothing.
_TRACKING = {
    "amazon_ses": "AmazonSESTrackingWebhookView",
    "brevo": "BrevoTrackingWebhookView",
    "mailersend": "MailerSendTrackingWebhookView",
    "mailgun": "MailgunTrackingWebhookView",
    "mailjet": "MailjetTrackingWebhookView",
    "mailtrap": "MailtrapTrackingWebhookView",
    "mandrill": "MandrillCombinedWebhookView",
    "postal": "PostalTrackingWebhookView",
    "postmark": "PostmarkTrackingWebhookView",
    "resend": "ResendTrackingWebhookView",
    "scaleway": "",
    "sendgrid": "SendGridTrackingWebhookView",
    "sparkpost": "SparkPostTrackingWebhookView",
    "unisender_go": "UnisenderGoTrackingWebhookView",
}
#: Providers whose back end we extend: they know a repetition when they see one.
_OUR_BACKENDS = {"resend": "notifications.backends.resend.EmailBackend"}


def names() -> list[str]:
    """Every provider that `EMAIL_PROVIDER` may name."""
    return sorted(_TRACKING)


def backend(name: str) -> str:
    """The dotted path of Django's e-mail back end for the provider."""
    return _OUR_BACKENDS.get(name, f"anymail.backends.{name}.EmailBackend")


def has_webhook(name: str) -> bool:
    """Whether the provider tells us what became of a mail."""
    return bool(_TRACKING.get(name))


def webhook(name: str) -> str:
    """The dotted path of anymail's view for the provider's reports."""
    return f"anymail.webhooks.{name}.{_TRACKING[name]}"


def anymail_settings(name: str, environment: Mapping[str, str]) -> dict[str, Any]:
    """What the environment says under the provider's name: `POSTMARK_SERVER_TOKEN`, `MAILGUN_API_URL`, …

    `true`, `false` and JSON objects or lists are read as such, for settings that are no text.
    """
    if not name:
        return {}
    prefix = f"{name.upper()}_"
    return {key: _value(text) for key, text in environment.items() if key.startswith(prefix)}


def _value(text: str) -> Any:
    if text in ("true", "false") or text.startswith(("{", "[")):
        return json.loads(text)
    return text
