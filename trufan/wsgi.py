"""What an application server serves: `gunicorn trufan.wsgi`."""

import os

from django.core.wsgi import get_wsgi_application

from trufan import startup
from trufan.lib import tracing

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "trufan.settings")

# Before the application is made, which takes its middleware as it is then.
tracing.start("wsgi")
application = get_wsgi_application()
startup.prepare("wsgi")
