"""The stream (and, in development, HTTP as well): the entry point of daphne."""

import os

from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
http = get_asgi_application()  # loads the apps: what follows may import models

from embedded.production import refuse_unsafe_start  # noqa: E402
from realtime.routing import websocket_urlpatterns  # noqa: E402

refuse_unsafe_start()
application = ProtocolTypeRouter({"http": http, "websocket": URLRouter(websocket_urlpatterns)})
