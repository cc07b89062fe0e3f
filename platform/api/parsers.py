"""The one parser: strict JSON (no NaN, no invalid UTF-8, no number beyond a double)."""

from collections.abc import Mapping
from typing import IO, Any

import orjson
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

from core import json


class JSONParser(BaseParser):
    """A body of `application/json`; an empty one is an empty object."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        body = stream.read()
        try:
            return json.loads(body) if body else {}
        except orjson.JSONDecodeError as error:
            raise ParseError(f"the body is not JSON: {error}") from None
