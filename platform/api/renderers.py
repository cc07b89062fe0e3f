"""The one renderer of all responses."""

from collections.abc import Mapping

from rest_framework.renderers import BaseRenderer

from api.table import ApiTable
from core import json


class JSONRenderer(BaseRenderer):
    """Tables, objects and errors as compact JSON."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(
        self,
        data: object,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, object] | None = None,
    ) -> bytes:
        if data is None:
            return b""
        return json.dumps(data.as_json() if isinstance(data, ApiTable) else data)
