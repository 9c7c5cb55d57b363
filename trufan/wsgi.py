"""What an application server serves: `gunicorn trufan.wsgi`."""

import os

from django.core.wsgi import get_wsgi_application

from trufan import startup

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "trufan.settings")

application = get_wsgi_application()
startup.prepare("wsgi")
