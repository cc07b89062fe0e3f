"""The one parser: strict JSON (no NaN, invalid UTF-8, number beyond a double, or name twice)."""

from collections.abc import Mapping
from typing import IO, Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

from core import json
from core.numbers import read_length
from observe import context


class JSONParser(BaseParser):
    """A body of `application/json`; an empty one is an empty object."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        most: int = settings.JSON_MAX_BYTES
        request = (parser_context or {}).get("request")
        if request is not None and read_length(request.META.get("CONTENT_LENGTH")) > most:
            raise RequestDataTooBig
        body = stream.read(most + 1)
        if len(body) > most:
            raise RequestDataTooBig
        # granian ends the body without an error where the client disconnected in the middle of it.
        if request is not None and len(body) < read_length(request.META.get("CONTENT_LENGTH")):
            raise ParseError("the body broke off")
        try:
            data = json.loads_untrusted(body) if body else {}
        except json.RepeatedName as error:
            raise ParseError(f"the body: {error}") from None
        except ValueError as error:
            raise ParseError(f"the body is not JSON: {error}") from None
        context.note_body(data)
        return data
