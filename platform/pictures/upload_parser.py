"""The parser of uploads: one multipart form, of limited size."""

from collections.abc import Mapping
from typing import IO, cast

from django.conf import settings
from django.http import HttpRequest
from django.http.multipartparser import MultiPartParser, MultiPartParserError
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

from api.input_fields import QueryText
from core.numbers import read_length
from pictures.errors import InvalidPicture


class UploadParser(BaseParser):
    """A body of `multipart/form-data`: texts and files by name, each at most once."""

    media_type = "multipart/form-data"

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, object] | None = None,
    ) -> dict[str, object]:
        request = cast(HttpRequest, (parser_context or {})["request"])  # DRF's hands it on
        # Django checks only what is no file.
        if read_length(request.META.get("CONTENT_LENGTH")) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            raise InvalidPicture("file: has more than 5 MB")
        try:
            body = cast(HttpRequest, stream)  # what it reads of it, a file has
            parser = MultiPartParser(request.META, body, request.upload_handlers, "utf-8")
            texts, files = parser.parse()
        except MultiPartParserError as error:
            raise ParseError(f"the form cannot be read: {error}") from None
        found: dict[str, object] = {}
        for name, values in (*texts.lists(), *files.lists()):
            if len(values) > 1 or name in found:
                raise ParseError(f"{name}: is given twice")
            (value,) = values
            found[name] = QueryText(value) if isinstance(value, str) else value
        return found
