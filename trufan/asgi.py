"""The same service for an asynchronous server."""

import os

from django.core.asgi import get_asgi_application

from trufan import startup

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "trufan.settings")

application = get_asgi_application()
startup.prepare("asgi")
