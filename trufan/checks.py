"""What a staging or production server refuses to start with.

System checks under the tag `trufan`: every `manage.py` command that checks runs them, and so do wsgi.py, asgi.py and
the Celery processes through `trufan.startup`, because an application server runs no system checks by itself.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

from django.apps import AppConfig
from django.conf import settings
from django.core import mail
from django.core.checks import CheckMessage, Error, Warning, register
from django.core.exceptions import ImproperlyConfigured

from accounts.grants import Permission
from notifications.mail import providers
from notifications.push import services, vapid

TAG = "trufan"
ENVIRONMENTS = frozenset({"development", "test", "staging", "production"})
LIVE = frozenset({"staging", "production"})
LAPTOP_HOSTS = frozenset({"localhost", "127.0.0.1", "[::1]", "::1", "0.0.0.0", "testserver"})  # noqa: S104  # nosec B104
#: As long as Django itself asks of a SECRET_KEY (security.W009).
KEY_LENGTH = 50
KEY_UNIQUE_CHARACTERS = 5
TICKET_KEY_BYTES = 32
WEBHOOK_PASSWORD_LENGTH = 20
LAPTOP_SANDBOX_SECRET = "whsec_sandbox"  # noqa: S105  refused, not used
#: Where Stripe speaks to us, by the setting that holds the secrets it signs with.
STRIPE_ENDPOINTS = {
    "STRIPE_WEBHOOK_SECRETS": "webhook endpoint",
    "STRIPE_THIN_WEBHOOK_SECRETS": "endpoint for thin events",
}
#: What a pass for Apple Wallet takes.
_APPLE = ("CERTIFICATE", "KEY", "INTERMEDIATE", "PASS_TYPE", "TEAM")
SENT_NOWHERE = frozenset({"console", "locmem", "dummy", "filebased"})


@register(TAG)
def environment_is_known(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """A misspelt DJANGO_ENV must not silently mean "no rules"."""
    if settings.DJANGO_ENV in ENVIRONMENTS:
        return []
    return [
        Error(
            f"DJANGO_ENV is {settings.DJANGO_ENV!r}, which is none of {', '.join(sorted(ENVIRONMENTS))}.",
            id="trufan.E001",
        )
    ]


@register(TAG)
def live_server_is_configured(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Everything that suits a laptop and nothing else; silent in development and test."""
    if settings.DJANGO_ENV not in LIVE:
        return []
    return [
        *_secret_keys(),
        *_debug(),
        *_hosts(),
        *_database(),
        *_replica(),
        *_pooler(),
        *_ticket_keys(),
        *_wallets(),
        *_audit_key(),
        *_gateway(),
        *_shared_memory(),
        *_mail(),
        *_short_messages(),
        *_pushes(),
        *_addresses(),
        *_outbound_webhooks(),
        *_proxies(),
        *_second_factor(),
    ]


def _refuse(number: int, message: str, hint: str) -> Error:
    """The message never holds the value of a secret."""
    return Error(f"{settings.DJANGO_ENV} refuses to start: {message}", hint=hint, id=f"trufan.E{number:03}")


def _is_weak(key: str) -> bool:
    return len(key) < KEY_LENGTH or len(set(key)) < KEY_UNIQUE_CHARACTERS or key.startswith(("insecure-", "django-"))


def _secret_keys() -> Iterator[CheckMessage]:
    hint = f"Set it to {KEY_LENGTH} or more random characters."
    if _is_weak(settings.SECRET_KEY):
        yield _refuse(2, "SECRET_KEY is the laptop's, or short.", hint)
    if any(_is_weak(key) for key in settings.SECRET_KEY_FALLBACKS):
        yield _refuse(2, "one of SECRET_KEY_FALLBACKS is the laptop's, or short.", "Drop it from the list.")
    signing_key = settings.SIMPLE_JWT["SIGNING_KEY"]
    if signing_key != settings.SECRET_KEY and _is_weak(signing_key):
        yield _refuse(2, "JWT_SIGNING_KEY is short.", hint)


def _debug() -> Iterator[CheckMessage]:
    if settings.DEBUG:
        yield _refuse(3, "DEBUG is on.", "It shows settings and code to whoever meets an error. Unset it.")


def _hosts() -> Iterator[CheckMessage]:
    hint = "Name the hosts that this service answers to, separated by commas."
    if not settings.ALLOWED_HOSTS:
        yield _refuse(4, "ALLOWED_HOSTS is empty.", hint)
    for host in settings.ALLOWED_HOSTS:
        if "*" in host:
            yield _refuse(4, f"ALLOWED_HOSTS has the wildcard {host!r}.", hint)
        elif host in LAPTOP_HOSTS:
            yield _refuse(4, f"ALLOWED_HOSTS has the laptop's {host!r}.", hint)


def _database() -> Iterator[CheckMessage]:
    if settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"):
        yield _refuse(5, "the database is SQLite.", "Set DATABASE_URL to a PostgreSQL server.")


def _replica() -> Iterator[CheckMessage]:
    """Of another kind of database, or the very same one, it would be a mistake that shows up late."""
    if not settings.REPLICA_DATABASE_URL:
        return
    primary, replica = settings.DATABASES["default"], settings.DATABASES["replica"]
    if replica["ENGINE"] != primary["ENGINE"]:
        yield _refuse(20, "REPLICA_DATABASE_URL is no PostgreSQL.", "Name a streaming replica, or unset it.")
    elif all(replica.get(part) == primary.get(part) for part in ("HOST", "PORT", "NAME")):
        yield Warning(
            "REPLICA_DATABASE_URL leads to the primary itself: reports weigh on it as before.",
            hint="Name a streaming replica, or unset it.",
            id="trufan.W005",
        )


def _pooler() -> Iterator[CheckMessage]:
    if settings.DATABASE_POOLER not in ("", "transaction"):
        yield _refuse(
            21,
            f"DATABASE_POOLER is {settings.DATABASE_POOLER!r}.",
            "It is `transaction` in front of PgBouncer, or unset.",
        )


def _ticket_keys() -> Iterator[CheckMessage]:
    hint = "Each is `id:base64 of 32 random bytes`, with an id of its own; the first one signs."
    if not settings.TICKET_SIGNING_KEYS:
        yield _refuse(6, "TICKET_SIGNING_KEYS is empty.", hint)
    if settings.INSECURE_TICKET_KEY in settings.TICKET_SIGNING_KEYS:
        yield _refuse(6, "TICKET_SIGNING_KEYS has the laptop's key: anyone could forge a ticket.", hint)
    identifiers = [entry.partition(":")[0] for entry in settings.TICKET_SIGNING_KEYS]
    if len(set(identifiers)) < len(identifiers):
        yield _refuse(6, "two of TICKET_SIGNING_KEYS have the same id.", hint)
    if any(not _is_ticket_key(entry) for entry in settings.TICKET_SIGNING_KEYS):
        yield _refuse(6, "one of TICKET_SIGNING_KEYS cannot be read.", hint)


def _wallets() -> Iterator[CheckMessage]:
    """Passes that are half set up fail for the first fan who wants one."""
    apple = {name: getattr(settings, f"APPLE_WALLET_{name}") for name in _APPLE}
    if apple["CERTIFICATE"] and not all(apple.values()):
        missing = ", ".join(f"APPLE_WALLET_{name}" for name, value in apple.items() if not value)
        yield _refuse(6, f"passes for Apple Wallet lack {missing}.", "Set all five, or none.")
    if bool(settings.GOOGLE_WALLET_ISSUER) != bool(settings.GOOGLE_WALLET_ACCOUNT):
        yield _refuse(6, "passes for Google Wallet are half set up.", "Set both GOOGLE_WALLET_ variables, or none.")


def _is_ticket_key(entry: str) -> bool:
    identifier, _, encoded = entry.partition(":")
    try:
        return bool(identifier) and len(base64.b64decode(encoded, validate=True)) == TICKET_KEY_BYTES
    except binascii.Error:
        return False


def _audit_key() -> Iterator[CheckMessage]:
    if _is_weak(settings.AUDIT_KEY):
        yield _refuse(7, "AUDIT_KEY is the laptop's, or short.", f"Set it to {KEY_LENGTH} or more random characters.")


def _gateway() -> Iterator[CheckMessage]:
    from payments import gateways  # imports models, which are not there yet when wsgi.py imports this module

    if settings.PAYMENT_GATEWAY not in gateways.PROVIDERS:
        yield _refuse(
            13,
            f"there is no payment gateway called {settings.PAYMENT_GATEWAY!r}: nobody can pay.",
            f"PAYMENT_GATEWAY is one of {', '.join(sorted(gateways.PROVIDERS))}.",
        )
    elif settings.PAYMENT_GATEWAY == "stripe":
        yield from _stripe()
    elif settings.DJANGO_ENV == "production":
        yield _refuse(
            8, "PAYMENT_GATEWAY is the sandbox: it takes no money.", "Set it to a gateway that charges, or use staging."
        )
    elif settings.SANDBOX_WEBHOOK_SECRET == LAPTOP_SANDBOX_SECRET:
        yield _refuse(
            8,
            "SANDBOX_WEBHOOK_SECRET is the laptop's: anyone could report a payment.",
            "Set it to a random text of your own.",
        )


def _stripe() -> Iterator[CheckMessage]:
    key = settings.STRIPE_SECRET_KEY
    if not key.startswith(("sk_", "rk_")):
        yield _refuse(
            14,
            "STRIPE_SECRET_KEY is missing, or no secret key.",
            "It begins with sk_live_ or rk_live_ (sk_test_ in staging).",
        )
    elif settings.DJANGO_ENV == "production" and not key.startswith(("sk_live_", "rk_live_")):
        yield _refuse(14, "STRIPE_SECRET_KEY is a test key: it takes no money.", "Set the live key, or use staging.")
    elif settings.DJANGO_ENV == "staging" and "_live_" in key:
        yield Warning(
            "STRIPE_SECRET_KEY is a live key: staging would take real money.",
            hint="Set the test key, sk_test_….",
            id="trufan.W003",
        )
    for name, endpoint in STRIPE_ENDPOINTS.items():
        if not getattr(settings, name):
            yield _refuse(14, f"{name} is empty.", f"Set the signing secret of the {endpoint}, whsec_….")
        elif not all(secret.startswith("whsec_") for secret in getattr(settings, name)):
            yield _refuse(14, f"one of {name} is none.", "A signing secret begins with whsec_.")
    if urlsplit(settings.STRIPE_API_BASE).scheme != "https":
        yield _refuse(14, "STRIPE_API_BASE is not https.", "Unset it to speak to Stripe itself.")


def _shared_memory() -> Iterator[CheckMessage]:
    if not settings.REDIS_URL:
        yield _refuse(9, "REDIS_URL is missing: every process would count and remember by itself.", "Set REDIS_URL.")
    elif not settings.CELERY_BROKER_URL:
        yield _refuse(9, "CELERY_BROKER_URL is empty.", "Unset it to use REDIS_URL, or name a broker.")


def _mail() -> Iterator[CheckMessage]:
    if settings.EMAIL_BACKEND.split(".")[-2] in SENT_NOWHERE:
        yield _refuse(10, "e-mail goes to nobody.", "Set EMAIL_URL, for example smtp+tls://user:password@host:587.")
    if settings.DEFAULT_FROM_EMAIL.rstrip(">").endswith("@localhost"):
        yield _refuse(10, "mail would come from localhost.", "Set DEFAULT_FROM_EMAIL to an address of your own.")
    if settings.EMAIL_PROVIDER:
        yield from _mail_provider()


def _mail_provider() -> Iterator[CheckMessage]:
    """The check of its keys and packages is anymail's own, made by opening its back end as a worker would."""
    if settings.EMAIL_PROVIDER not in providers.names():
        known = ", ".join(providers.names())
        yield _refuse(
            16, f"no mail provider is called {settings.EMAIL_PROVIDER!r}.", f"EMAIL_PROVIDER is one of {known}."
        )
        return
    try:
        mail.get_connection()
    except ImproperlyConfigured as missing:
        reason = " ".join(str(missing).split())
        yield _refuse(16, f"the mail provider can't be used: {reason}", "See docs/mail.md for what it needs.")
    secrets = settings.ANYMAIL["WEBHOOK_SECRET"]
    if providers.has_webhook(settings.EMAIL_PROVIDER) and not all(
        _is_webhook_secret(secret) for secret in secrets or [""]
    ):
        yield _refuse(
            17,
            "EMAIL_WEBHOOK_SECRETS is missing, short, or not `user:password`: anyone could stop mail to anybody.",
            f"Set `user:` and {WEBHOOK_PASSWORD_LENGTH} or more random characters.",
        )


def _is_webhook_secret(secret: str) -> bool:
    user, _, password = secret.partition(":")
    return bool(user) and len(password) >= WEBHOOK_PASSWORD_LENGTH


def _short_messages() -> Iterator[CheckMessage]:
    sender = settings.TWILIO_FROM or settings.TWILIO_MESSAGING_SERVICE_SID
    parts = [settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN, sender]
    if not any(parts):
        yield Warning(
            "Nobody sends short messages: phone numbers cannot be verified.",
            hint="Set TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and TWILIO_FROM or TWILIO_MESSAGING_SERVICE_SID.",
            id="trufan.W002",
        )
    elif not all(parts):
        yield _refuse(
            12,
            "only some of Twilio's settings are there.",
            "Set TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and TWILIO_FROM or TWILIO_MESSAGING_SERVICE_SID, or none.",
        )


def _pushes() -> Iterator[CheckMessage]:
    """None at all is well: whoever has no app and no service worker sends no pushes."""
    if problem := vapid.problem():
        yield _refuse(18, f"{problem}.", "Make a pair with manage.py make_vapid_keys, or set none of them.")
    if services.LOOPBACK in settings.PUSH_SERVICES:
        yield _refuse(18, "PUSH_SERVICES lead to this machine.", "Name the hosts of push services alone.")
    if not settings.FCM_API_BASE.startswith("https://"):
        yield _refuse(18, "FCM_API_BASE is not https.", "Unset it.")


def _addresses() -> Iterator[CheckMessage]:
    hint = "It stands in mails and QR pages: an https address that fans can open."
    for name in ("PUBLIC_URL", "FRONTEND_URL"):
        address = urlsplit(getattr(settings, name))
        if address.scheme != "https":
            yield _refuse(11, f"{name} is not https.", hint)
        elif not address.hostname or address.hostname in LAPTOP_HOSTS:
            yield _refuse(11, f"{name} leads to a laptop.", hint)


def _outbound_webhooks() -> Iterator[CheckMessage]:
    if settings.WEBHOOKS_TO_PRIVATE_ADDRESSES:
        yield _refuse(
            15,
            "WEBHOOKS_TO_PRIVATE_ADDRESSES is on: venues could have messages posted inside our own network.",
            "Unset it.",
        )


def _proxies() -> Iterator[CheckMessage]:
    if getattr(settings, "SECURE_PROXY_SSL_HEADER", None) and not settings.TRUSTED_PROXIES:
        yield Warning(
            "A proxy stands in front (BEHIND_TLS_PROXY), but TRUSTED_PROXIES is empty: all clients share its address, "
            "and so one rate limit.",
            hint="Set TRUSTED_PROXIES to the addresses or networks of the proxy.",
            id="trufan.W001",
        )


def _second_factor() -> Iterator[CheckMessage]:
    """Where money moves, or that is rehearsed, a password alone is not enough."""
    unknown = sorted(set(settings.SECOND_FACTOR_PERMISSIONS) - set(Permission.values))
    if unknown:
        yield _refuse(
            19,
            f"SECOND_FACTOR_PERMISSIONS names what is no permission: {', '.join(unknown)}.",
            "Name permissions as the API does, such as refund_orders, separated by commas.",
        )
    if not settings.SECOND_FACTOR_REQUIRED:
        yield _refuse(19, "SECOND_FACTOR_REQUIRED is off: a password alone moves money.", "Unset it.")
