"""REST and admin: the entry point of the web processes."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup(set_prefix=False)  # loads the apps: what follows may import models

from config.applications import WSGIApplication  # noqa: E402
from config.checks import refuse_unsafe_start  # noqa: E402

application = WSGIApplication()
refuse_unsafe_start()
