"""The entry point of daphne: the stream, and in development HTTP as well."""

import os

import django
from channels.routing import ProtocolTypeRouter, URLRouter

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup(set_prefix=False)  # loads the apps, so that the next imports may import models

from config.applications import ASGIApplication  # noqa: E402
from config.checks import refuse_unsafe_start  # noqa: E402
from config.daphne_errors import install_web_request  # noqa: E402
from realtime.routing import websocket_urlpatterns  # noqa: E402

http = ASGIApplication()
refuse_unsafe_start()
install_web_request()
application = ProtocolTypeRouter({"http": http, "websocket": URLRouter(websocket_urlpatterns)})
