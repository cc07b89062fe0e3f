"""The three applications for ASGI servers."""

import os
from typing import Any

from asgiref.wsgi import WsgiToAsgi
from django.core.asgi import get_asgi_application

SIDE = os.environ["BENCH_SIDE"]
if SIDE == "peer":
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.tools.bench.peer_settings"


def make_application() -> Any:
    """Return the application of this side; the floor's through an adapter."""
    if SIDE != "floor":
        return get_asgi_application()
    from tests.tools.bench.floor import application as floor

    adapter: Any = WsgiToAsgi
    return adapter(floor)


application = make_application()
