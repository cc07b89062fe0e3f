"""The entry point of the web processes: REST API and backoffice."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup(set_prefix=False)  # loads the apps, so that the next imports may import models

from config.applications import WSGIApplication  # noqa: E402
from config.checks import refuse_unsafe_start  # noqa: E402
from core.postgresql.base import DatabaseWrapper  # noqa: E402

application = WSGIApplication()
DatabaseWrapper.keeps_connections = True  # granian has a few threads
refuse_unsafe_start()
