"""Production refuses what suits a laptop, and nothing else."""

import base64

import pytest
from django.conf import settings as current
from django.core.checks import ERROR, run_checks

from notifications.push import vapid
from trufan.checks import TAG

# The checks read settings.DATABASES; nothing here connects to what it says.
pytestmark = pytest.mark.filterwarnings("ignore:Overriding setting DATABASES")

LONG_KEY = "q7Zk2vWx9Lr4Tn8Bm3Hs6Jd1Fg5Pc0Ya" * 2
TICKET_KEY = "2026:" + base64.b64encode(bytes(range(32))).decode()

SOUND = {
    "DJANGO_ENV": "production",
    "SECRET_KEY": LONG_KEY,
    "SECRET_KEY_FALLBACKS": [],
    "SIMPLE_JWT": {"SIGNING_KEY": LONG_KEY},
    "DEBUG": False,
    "ALLOWED_HOSTS": ["tickets.example.com", ".example.org"],
    "DATABASES": {"default": {"ENGINE": "django.db.backends.postgresql"}},
    "TICKET_SIGNING_KEYS": [TICKET_KEY],
    "REPLICA_DATABASE_URL": "",
    "DATABASE_POOLER": "",
    "AUDIT_KEY": LONG_KEY[::-1],
    "PAYMENT_GATEWAY": "stripe",
    "STRIPE_SECRET_KEY": "sk_live_q7Zk2vWx9Lr4Tn8Bm3",
    "STRIPE_WEBHOOK_SECRETS": ["whsec_former", "whsec_present"],
    "STRIPE_THIN_WEBHOOK_SECRETS": ["whsec_thin"],
    "STRIPE_API_BASE": "https://api.stripe.com",
    "REDIS_URL": "redis://cache.example.com:6379/0",
    "CELERY_BROKER_URL": "redis://cache.example.com:6379/0",
    "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
    "DEFAULT_FROM_EMAIL": "TruFan <tickets@example.com>",
    "TWILIO_ACCOUNT_SID": "AC123",
    "TWILIO_AUTH_TOKEN": "token",
    "TWILIO_FROM": "+12025550123",
    "TWILIO_MESSAGING_SERVICE_SID": "",
    "PUBLIC_URL": "https://tickets.example.com",
    "FRONTEND_URL": "https://www.example.com",
    "SECURE_PROXY_SSL_HEADER": ("HTTP_X_FORWARDED_PROTO", "https"),
    "TRUSTED_PROXIES": ["10.0.0.0/8"],
    "SECOND_FACTOR_REQUIRED": True,
}

#: A mail provider instead of a mail server.
POSTMARK = {
    "EMAIL_PROVIDER": "postmark",
    "EMAIL_BACKEND": "anymail.backends.postmark.EmailBackend",
    "ANYMAIL": {"POSTMARK_SERVER_TOKEN": "token", "WEBHOOK_SECRET": [f"hook:{LONG_KEY}", f"former:{LONG_KEY}"]},
}


@pytest.fixture
def live(settings):
    """Sound production settings, changed by what the test says."""

    def change(**changes):
        for name, value in (SOUND | changes).items():
            setattr(settings, name, value)
        return [(message.id, message.msg) for message in run_checks(tags=[TAG]) if message.level >= ERROR]

    return change


def test_sound_production_settings_pass_without_a_word(live):
    assert live() == []
    assert run_checks(tags=[TAG]) == []


def test_a_mail_provider_with_its_key_and_the_secret_of_its_webhook_passes(live):
    assert live(**POSTMARK) == []


@pytest.mark.parametrize("environment", ["development", "test"])
def test_a_laptop_may_do_all_of_it(live, environment):
    laptop = {name: getattr(current, name) for name in SOUND if hasattr(current, name)}
    assert live(**laptop | {"DJANGO_ENV": environment, "DEBUG": True, "ALLOWED_HOSTS": ["*"]}) == []


def test_an_unknown_environment_is_refused(live):
    refusals = live(DJANGO_ENV="prod")
    assert [identifier for identifier, _ in refusals] == ["trufan.E001"]
    assert "'prod'" in refusals[0][1]


REFUSED = {
    "no second factors": ("E019", {"SECOND_FACTOR_REQUIRED": False}),
    "second factors for nobody": ("E019", {"SECOND_FACTOR_PERMISSIONS": ["refund_everything"]}),
    "the laptop's secret key": ("E002", {"SECRET_KEY": current.INSECURE_SECRET_KEY}),
    "a short secret key": ("E002", {"SECRET_KEY": "aB3$" * 12, "SIMPLE_JWT": {"SIGNING_KEY": LONG_KEY}}),
    "a long but uniform secret key": ("E002", {"SECRET_KEY": "a" * 60, "SIMPLE_JWT": {"SIGNING_KEY": LONG_KEY}}),
    "a weak fallback key": ("E002", {"SECRET_KEY_FALLBACKS": [LONG_KEY, "old"]}),
    "a short signing key for tokens": ("E002", {"SIMPLE_JWT": {"SIGNING_KEY": "short"}}),
    "debug": ("E003", {"DEBUG": True}),
    "no hosts": ("E004", {"ALLOWED_HOSTS": []}),
    "every host": ("E004", {"ALLOWED_HOSTS": ["*"]}),
    "a wildcard host": ("E004", {"ALLOWED_HOSTS": ["tickets.example.com", "*.example.com"]}),
    "a laptop host": ("E004", {"ALLOWED_HOSTS": ["tickets.example.com", "localhost"]}),
    "the test client's host": ("E004", {"ALLOWED_HOSTS": ["testserver"]}),
    "SQLite": ("E005", {"DATABASES": {"default": {"ENGINE": "django.db.backends.sqlite3"}}}),
    "a replica of another kind": (
        "E020",
        {
            "REPLICA_DATABASE_URL": "sqlite:///copy",
            "DATABASES": {**SOUND["DATABASES"], "replica": {"ENGINE": "django.db.backends.sqlite3"}},
        },
    ),
    "a pooler that keeps sessions": ("E021", {"DATABASE_POOLER": "session"}),
    "the laptop's ticket key": ("E006", {"TICKET_SIGNING_KEYS": [TICKET_KEY, current.INSECURE_TICKET_KEY]}),
    "no ticket key": ("E006", {"TICKET_SIGNING_KEYS": []}),
    "a ticket key that is no base64": ("E006", {"TICKET_SIGNING_KEYS": ["2026:not base64!"]}),
    "a ticket key of the wrong length": ("E006", {"TICKET_SIGNING_KEYS": ["2026:c2hvcnQ="]}),
    "a ticket key without an id": ("E006", {"TICKET_SIGNING_KEYS": [TICKET_KEY.removeprefix("2026")]}),
    "two ticket keys of one id": ("E006", {"TICKET_SIGNING_KEYS": [TICKET_KEY, TICKET_KEY]}),
    "passes for Apple half set up": ("E006", {"APPLE_WALLET_CERTIFICATE": "pem", "APPLE_WALLET_KEY": "pem"}),
    "passes for Google half set up": ("E006", {"GOOGLE_WALLET_ISSUER": "3388"}),
    "the laptop's audit key": ("E007", {"AUDIT_KEY": current.INSECURE_AUDIT_KEY}),
    "a short audit key": ("E007", {"AUDIT_KEY": "k3y"}),
    "the sandbox gateway": ("E008", {"PAYMENT_GATEWAY": "sandbox", "SANDBOX_WEBHOOK_SECRET": LONG_KEY}),
    "a gateway that is not there": ("E013", {"PAYMENT_GATEWAY": "strype"}),
    "Stripe without a key": ("E014", {"STRIPE_SECRET_KEY": ""}),
    "a publishable key": ("E014", {"STRIPE_SECRET_KEY": "pk_live_q7Zk2vWx9Lr4Tn8Bm3"}),
    "Stripe without a webhook secret": ("E014", {"STRIPE_WEBHOOK_SECRETS": []}),
    "a webhook secret that is none": ("E014", {"STRIPE_WEBHOOK_SECRETS": ["whsec_good", "sk_live_bad"]}),
    "Stripe without a secret for its thin events": ("E014", {"STRIPE_THIN_WEBHOOK_SECRETS": []}),
    "a secret for thin events that is none": ("E014", {"STRIPE_THIN_WEBHOOK_SECRETS": ["sk_live_bad"]}),
    "webhooks into our own network": ("E015", {"WEBHOOKS_TO_PRIVATE_ADDRESSES": True}),
    "Stripe without TLS": ("E014", {"STRIPE_API_BASE": "http://api.stripe.com"}),
    "no Redis": ("E009", {"REDIS_URL": "", "CELERY_BROKER_URL": ""}),
    "no broker": ("E009", {"CELERY_BROKER_URL": ""}),
    "mail on the console": ("E010", {"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"}),
    "a mail provider that nobody knows": ("E016", {"EMAIL_PROVIDER": "pigeon"}),
    "a mail provider without its key": ("E016", {**POSTMARK, "ANYMAIL": {"WEBHOOK_SECRET": [f"hook:{LONG_KEY}"]}}),
    "a mail provider whose package is missing": (
        "E016",
        {**POSTMARK, "EMAIL_PROVIDER": "amazon_ses", "EMAIL_BACKEND": "anymail.backends.amazon_ses.EmailBackend"},
    ),
    "a mail provider whose webhook anyone may call": (
        "E017",
        {**POSTMARK, "ANYMAIL": {"POSTMARK_SERVER_TOKEN": "t", "WEBHOOK_SECRET": []}},
    ),
    "a short secret of its webhook": (
        "E017",
        {**POSTMARK, "ANYMAIL": {"POSTMARK_SERVER_TOKEN": "t", "WEBHOOK_SECRET": ["hook:short"]}},
    ),
    "mail into memory": ("E010", {"EMAIL_BACKEND": "django.core.mail.backends.locmem.EmailBackend"}),
    "mail from localhost": ("E010", {"DEFAULT_FROM_EMAIL": "TruFan <tickets@localhost>"}),
    "Twilio without a token": ("E012", {"TWILIO_AUTH_TOKEN": ""}),
    "Twilio without a sender": ("E012", {"TWILIO_FROM": ""}),
    "a VAPID key alone": ("E018", {"VAPID_PUBLIC_KEY": "x"}),
    "VAPID keys that are no pair": (
        "E018",
        {
            "VAPID_PUBLIC_KEY": vapid.make()[0],
            "VAPID_PRIVATE_KEY": vapid.make()[1],
            "VAPID_SUBJECT": "mailto:push@example.com",
        },
    ),
    "pushes to this machine": ("E018", {"PUSH_SERVICES": ["push.apple.com", "127.0.0.1"]}),
    "Firebase without TLS": ("E018", {"FCM_API_BASE": "http://fcm.googleapis.com"}),
    "a public address without TLS": ("E011", {"PUBLIC_URL": "http://tickets.example.com"}),
    "a public address on a laptop": ("E011", {"PUBLIC_URL": "https://localhost:8000"}),
    "a fans' app without TLS": ("E011", {"FRONTEND_URL": "http://www.example.com"}),
}


@pytest.mark.parametrize(("identifier", "changes"), REFUSED.values(), ids=REFUSED.keys())
def test_production_refuses(live, identifier, changes):
    assert {found for found, _ in live(**changes)} == {f"trufan.{identifier}"}


@pytest.mark.parametrize(
    ("identifier", "changes"),
    [case for name, case in REFUSED.items() if name != "the sandbox gateway"],
    ids=[name for name in REFUSED if name != "the sandbox gateway"],
)
def test_staging_refuses_the_same(live, identifier, changes):
    assert {found for found, _ in live(**changes | {"DJANGO_ENV": "staging"})} == {f"trufan.{identifier}"}


def test_staging_may_use_the_sandbox_with_a_secret_of_its_own(live):
    assert live(DJANGO_ENV="staging", PAYMENT_GATEWAY="sandbox", SANDBOX_WEBHOOK_SECRET=LONG_KEY) == []


def test_staging_refuses_the_sandbox_with_the_laptops_secret(live):
    secret = "whsec_sandbox"
    refusals = live(DJANGO_ENV="staging", PAYMENT_GATEWAY="sandbox", SANDBOX_WEBHOOK_SECRET=secret)
    assert [identifier for identifier, _ in refusals] == ["trufan.E008"]


def test_all_reasons_come_at_once(live):
    changes = {"DEBUG": True, "REDIS_URL": "", "AUDIT_KEY": "k3y"}
    assert [identifier for identifier, _ in live(**changes)] == ["trufan.E003", "trufan.E007", "trufan.E009"]


def test_no_refusal_repeats_a_secret(live):
    secret = "hunter2hunter2"
    refusals = live(
        SECRET_KEY=secret, AUDIT_KEY=secret, TICKET_SIGNING_KEYS=[f"2026:{secret}"], SIMPLE_JWT={"SIGNING_KEY": secret}
    )
    assert len(refusals) == 3
    assert secret not in str(refusals)


@pytest.mark.parametrize("key", ["sk_test_q7Zk2vWx9Lr4Tn8Bm3", "rk_test_q7Zk2vWx9Lr4Tn8Bm3"])
def test_a_test_key_is_for_staging_not_for_production(live, key):
    assert [identifier for identifier, _ in live(STRIPE_SECRET_KEY=key)] == ["trufan.E014"]
    assert live(STRIPE_SECRET_KEY=key, DJANGO_ENV="staging") == []
    assert run_checks(tags=[TAG]) == []


def test_a_live_key_in_staging_is_questioned_but_not_refused(live):
    assert live(DJANGO_ENV="staging") == []
    assert [message.id for message in run_checks(tags=[TAG])] == ["trufan.W003"]


def test_a_pair_of_vapid_keys_and_who_we_are_is_enough(live):
    public, private = vapid.make()
    pair = {"VAPID_PUBLIC_KEY": public, "VAPID_PRIVATE_KEY": private}
    assert live(**pair, VAPID_SUBJECT="https://www.example.com") == []
    assert live(**pair, VAPID_SUBJECT="push@example.com") != []


def test_a_messaging_service_is_sender_enough(live):
    assert live(TWILIO_FROM="", TWILIO_MESSAGING_SERVICE_SID="MG123") == []


def test_no_sender_of_short_messages_is_questioned_but_not_refused(live):
    assert live(TWILIO_ACCOUNT_SID="", TWILIO_AUTH_TOKEN="", TWILIO_FROM="") == []
    assert [message.id for message in run_checks(tags=[TAG])] == ["trufan.W002"]


def test_a_proxy_that_nobody_named_is_questioned_but_not_refused(live):
    assert live(TRUSTED_PROXIES=[]) == []
    assert [message.id for message in run_checks(tags=[TAG])] == ["trufan.W001"]
