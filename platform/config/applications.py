"""WSGI and ASGI applications that accept any Content-Type and read whole bodies."""

import tempfile
from collections.abc import Awaitable, Callable, Mapping
from io import SEEK_END, BytesIO
from typing import IO, Any
from wsgiref.types import InputStream, WSGIEnvironment

from django.conf import settings
from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler, ASGIRequest
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.http import HttpRequest, HttpResponseBase
from django.urls import ResolverMatch
from django.utils.http import parse_header_parameters

from api.admission import UNREADABLE
from api.authentication import SAFE_METHODS
from core.numbers import read_length

CHUNK_BYTES = 64 * 1024  # bytes


class TolerantContentType:
    """Reads the Content-Type without failing over it.

    Django reads its parameters while the request is made, where an error has no response
    yet: a charset that is no text encoding, a parameter in an unknown one, or too many
    fields in the query that a charset makes it read. JSON and forms have no charset, so
    none is used.
    """

    content_type: str | None
    content_params: dict[str, str] | None

    def _set_content_type_params(self, meta: WSGIEnvironment) -> None:
        try:
            found = parse_header_parameters(meta.get("CONTENT_TYPE", ""))
        except (ValueError, LookupError):
            meta["CONTENT_TYPE"] = ""
            found = "", {}
        self.content_type, self.content_params = found


class BrokerWSGIRequest(TolerantContentType, WSGIRequest):
    """A request to the web processes."""


class BrokerASGIRequest(TolerantContentType, ASGIRequest):
    """An HTTP request to daphne."""


class WSGIApplication(WSGIHandler):
    """Django's application that reads bodies without a length, and refuses truncated ones.

    granian ends a body without an error if the connection breaks, and the proxy forwards
    such a body if it came over HTTP/2: truncated, it would be an empty or a different
    order.
    """

    request_class = BrokerWSGIRequest

    def __init__(self) -> None:
        super().__init__()
        self._matches: dict[str, ResolverMatch] = {}  # of paths without parameters, so they are few

    def resolve_request(self, request: HttpRequest) -> ResolverMatch:
        """Return the view of the path; the routes are searched only once for each path."""
        match = self._matches.get(request.path_info)
        if match is None:
            match = super().resolve_request(request)
            if not match.args and not match.kwargs and not hasattr(request, "urlconf"):
                self._matches[request.path_info] = match
        request.resolver_match = match
        return match

    def __call__(self, environ: WSGIEnvironment, start_response: Any) -> HttpResponseBase:
        """Read the body and return the response."""
        if "HTTP_TRANSFER_ENCODING" in environ or is_http2(environ):
            read_unsized_body(environ)
        else:
            read_sized_body(environ)
        return super().__call__(environ, start_response)


def is_http2(environ: WSGIEnvironment) -> bool:
    """Return whether it came over HTTP/2, where no length is needed, and without one."""
    protocol: str = environ.get("SERVER_PROTOCOL", "")
    return protocol.startswith("HTTP/2") and not environ.get("CONTENT_LENGTH")


def read_unsized_body(environ: WSGIEnvironment) -> None:
    """Replace a body whose end only the server knows by one of known length.

    At most one byte more than a body may have is read, which is enough to refuse it. What
    cannot be read is noted for `api.admission`, which responds.
    """
    if refuse_transfer_encoding(environ):
        return
    if not environ.get("wsgi.input_terminated"):
        environ[UNREADABLE] = 411, "the body needs a Content-Length"
        return
    body = read_up_to(environ["wsgi.input"], settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)
    environ["wsgi.input"] = BytesIO(body)
    environ["CONTENT_LENGTH"] = str(len(body))
    if environ["REQUEST_METHOD"] not in SAFE_METHODS and not is_self_delimiting(environ, body):
        environ[UNREADABLE] = 411, "an empty body, or another one than JSON, needs a Content-Length"


def is_self_delimiting(environ: WSGIEnvironment, body: bytes) -> bool:
    """Return whether truncation would be noticed: JSON that breaks off is not JSON."""
    media_type: str = environ.get("CONTENT_TYPE", "").partition(";")[0].strip().lower()
    return bool(body) and media_type in ("application/json", "")


def read_sized_body(environ: WSGIEnvironment) -> None:
    """Read a body of the announced length, and note for `api.admission` if it ends earlier.

    One that is too long stays unread: it is refused by its length.
    """
    length = read_length(environ.get("CONTENT_LENGTH"))
    if not 0 < length <= settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
        return
    body = read_up_to(environ["wsgi.input"], length)
    environ["wsgi.input"] = BytesIO(body)
    if len(body) < length:
        environ[UNREADABLE] = 400, "the body broke off"


def read_up_to(source: InputStream, max_bytes: int) -> bytes:
    """Read up to `max_bytes` bytes; fewer only if the source ends."""
    body = bytearray()
    while len(body) < max_bytes:
        chunk = source.read(min(CHUNK_BYTES, max_bytes - len(body)))
        if not chunk:
            break
        body += chunk
    return bytes(body)


def refuse_transfer_encoding(meta: WSGIEnvironment) -> bool:
    """Note an encoding other than chunked, or a second length; return whether there was one."""
    encoding: str = meta.get("HTTP_TRANSFER_ENCODING", "chunked")
    is_chunked = encoding.strip().lower() == "chunked"
    if is_chunked and not ("HTTP_TRANSFER_ENCODING" in meta and meta.get("CONTENT_LENGTH")):
        return False
    meta[UNREADABLE] = 400, "Transfer-Encoding: must be chunked, without a Content-Length"
    return True


class ASGIApplication(ASGIHandler):
    """Django's application with the real length of each body, stored up to the maximum only."""

    request_class = BrokerASGIRequest

    async def read_body(self, receive: Callable[[], Awaitable[Any]]) -> IO[bytes]:
        """Return the body as a file, cut one byte beyond the accepted maximum."""
        remaining: int = settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1
        body = tempfile.SpooledTemporaryFile(  # noqa: SIM115 - closed by the handler
            max_size=settings.FILE_UPLOAD_MAX_MEMORY_SIZE
        )
        more = True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                body.close()
                raise RequestAborted
            chunk = message.get("body", b"")[:remaining]
            body.write(chunk)
            remaining -= len(chunk)
            more = message.get("more_body", False)
        body.seek(0)
        return body

    def create_request(
        self, scope: Mapping[str, object], body_file: IO[bytes]
    ) -> tuple[ASGIRequest, None] | tuple[None, HttpResponseBase]:
        """Return a request whose CONTENT_LENGTH is the real length of the body."""
        result = super().create_request(scope, body_file)
        request = result[0]
        if request is not None and not refuse_transfer_encoding(request.META):
            request.META["CONTENT_LENGTH"] = str(body_file.seek(0, SEEK_END))
            body_file.seek(0)
        return result
