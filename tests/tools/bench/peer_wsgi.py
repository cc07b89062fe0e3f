"""The peer's WSGI application."""

import os

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.tools.bench.peer_settings"

from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()
