"""REST and admin: the entry point of the web processes."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = get_wsgi_application()

from embedded.production import refuse_unsafe_start  # noqa: E402 - needs the settings

refuse_unsafe_start()
