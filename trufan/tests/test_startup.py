"""A server process with bad settings ends at once and says every reason; with good ones it says what it uses."""

import os
import subprocess
import sys

import pytest
from django.conf import settings
from structlog.testing import capture_logs

from trufan import startup

KEY = "q7Zk2vWx9Lr4Tn8Bm3Hs6Jd1Fg5Pc0Ya" * 2
SOUND = {
    "DJANGO_ENV": "production",
    "SECRET_KEY": KEY,
    "AUDIT_KEY": KEY[::-1],
    "TICKET_SIGNING_KEYS": "2026:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
    "ALLOWED_HOSTS": "tickets.example.com",
    "PUBLIC_URL": "https://tickets.example.com",
    "FRONTEND_URL": "https://www.example.com",
    "DATABASE_URL": "postgres://trufan:db-secret@db.example.com:5432/trufan",
    "REDIS_URL": "redis://:redis-secret@cache.example.com:6379/0",
    "EMAIL_URL": "smtp+tls://post:mail-secret@mail.example.com:587",
    "DEFAULT_FROM_EMAIL": "TruFan <tickets@example.com>",
    "STRIPE_SECRET_KEY": "sk_live_stripe-secret",
    "STRIPE_WEBHOOK_SECRETS": "whsec_webhook-secret",
    "STRIPE_THIN_WEBHOOK_SECRETS": "whsec_thin-secret",
    "TWILIO_ACCOUNT_SID": "AC123",
    "TWILIO_AUTH_TOKEN": "sms-secret",
    "TWILIO_FROM": "+12025550123",
    "TRUSTED_PROXIES": "10.0.0.0/8",
}


def start(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Python with these arguments and nothing of our environment but the path to programs."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=settings.BASE_DIR,
        env={"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "trufan.settings"} | environment,
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize("module", ["wsgi", "asgi"])
def test_a_server_with_laptop_settings_does_not_start_in_production(module):
    outcome = start("-c", f"import trufan.{module}", DJANGO_ENV="production")
    assert outcome.returncode != 0
    assert "ImproperlyConfigured" in outcome.stderr
    for number in (2, 4, 5, 6, 7, 8, 9, 10, 11):
        assert f"trufan.E{number:03}" in outcome.stderr


@pytest.mark.parametrize("command", [["worker"], ["beat", "--pidfile=", "--schedule"]])
def test_a_celery_process_with_laptop_settings_does_not_start_in_production(command, tmp_path):
    # The scheduler opens its file before it tells anybody that it starts.
    place = [str(tmp_path / "schedule")] if "--schedule" in command else []
    outcome = start("-m", "celery", "-A", "trufan", *command, *place, DJANGO_ENV="production")
    assert outcome.returncode != 0
    assert "trufan.E002" in outcome.stderr


def test_management_commands_with_laptop_settings_do_not_run_in_production():
    outcome = start("manage.py", "check", DJANGO_ENV="production")
    assert outcome.returncode != 0
    assert "trufan.E002" in outcome.stderr


def test_staging_refuses_the_sandbox_secret_that_settings_default_to():
    outcome = start("manage.py", "check", **SOUND | {"DJANGO_ENV": "staging", "PAYMENT_GATEWAY": "sandbox"})
    assert outcome.returncode != 0
    assert "SANDBOX_WEBHOOK_SECRET" in outcome.stderr


def test_a_sound_production_server_starts_and_says_what_it_uses_without_a_secret():
    outcome = start("-c", "import trufan.wsgi", **SOUND)
    assert outcome.returncode == 0, outcome.stderr
    said = outcome.stderr
    assert "postgresql db.example.com:5432/trufan" in said
    assert "redis://cache.example.com:6379/0" in said
    assert "smtp mail.example.com:587" in said
    assert "stripe https://api.stripe.com (live)" in said
    assert "twilio https://api.twilio.com" in said
    others = ("mail-secret", "sms-secret", "stripe-secret", "webhook-secret", "thin-secret")
    for secret in (KEY, "db-secret", "redis-secret", *others):
        assert secret not in said


def test_a_sound_production_server_passes_the_deploy_check_of_django_too():
    outcome = start("manage.py", "check", "--tag", "security", "--deploy", "--fail-level", "WARNING", **SOUND)
    assert outcome.returncode == 0, outcome.stderr


def test_a_laptop_is_told_that_everything_runs_in_process(settings):
    settings.REDIS_URL = settings.CELERY_BROKER_URL = ""
    with capture_logs() as lines:
        startup.prepare("wsgi")
    (line,) = lines
    assert (line["event"], line["process"], line["environment"]) == ("starting", "wsgi", "test")
    assert (line["cache"], line["broker"], line["gateway"]) == ("in process", "in process", "sandbox")


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("redis://user:secret@host:6379/0?password=secret", "redis://host:6379/0"),
        ("rediss://:secret@host/1", "rediss://host/1"),
        ("amqp://guest:secret@broker:5672//", "amqp://broker:5672//"),
    ],
)
def test_an_address_is_shown_without_its_secrets(url, shown):
    assert startup.without_secrets(url) == shown
