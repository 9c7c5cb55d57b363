"""The settings of the test suite: `trufan.settings`, told before it is read that this is a test.

pytest-django reads the settings before any conftest.py runs, so the environment is arranged here.
"""

import os
import tempfile
from urllib.parse import urlsplit, urlunsplit

os.environ.setdefault("DJANGO_ENV", "test")

if os.environ.get("REDIS_URL"):
    # `cache.clear()` empties a whole Redis database: each parallel worker gets its own, counted down from the URL's.
    # The URL as given is kept, for a child process that reads these settings again.
    _given = urlsplit(os.environ.setdefault("TEST_REDIS_URL", os.environ["REDIS_URL"]))
    _number = int(_given.path.strip("/") or 0) - int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    if _number < 0:
        raise ValueError(f"REDIS_URL must end in a database number of at least {-_number} more for this many workers.")
    os.environ["REDIS_URL"] = urlunsplit(_given._replace(path=f"/{_number}"))

from trufan.settings import *

# Whatever keys a developer has at hand, no test speaks to Stripe; those of Stripe bring a server that stands in for it.
PAYMENT_GATEWAY = "sandbox"
STRIPE_SECRET_KEY = ""
STRIPE_WEBHOOK_SECRETS = []
STRIPE_THIN_WEBHOOK_SECRETS = []
# What a test uploads goes with the test.
MEDIA_ROOT = tempfile.mkdtemp(prefix="trufan-media-")
PRIVATE_ROOT = tempfile.mkdtemp(prefix="trufan-private-")
STORAGES = {**STORAGES, "private": {**STORAGES["private"], "OPTIONS": {"location": PRIVATE_ROOT}}}
# Nor to a mail provider; those of mail bring a server that stands in for one.
EMAIL_PROVIDER = ""
EMAIL_WEBHOOK_SECRETS = []
ANYMAIL = {**ANYMAIL, "WEBHOOK_SECRET": []}
# A test sees what a worker would do, at once and here.
CELERY_TASK_ALWAYS_EAGER = True
