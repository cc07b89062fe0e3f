"""How a server's request becomes Django's: whatever it says, and with its whole body."""

import tempfile
from collections.abc import Mapping
from io import SEEK_END, BytesIO
from typing import IO, Any

from django.conf import settings
from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler, ASGIRequest
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.http import HttpResponseBase
from django.utils.http import parse_header_parameters

from api.admission import UNREADABLE

PIECE = 64 * 1024  # bytes


class ReadContentType:
    """Reads the Content-Type without failing over it.

    Django reads its parameters while the request is made, where an error has no answer yet: a
    charset that is no text encoding, a parameter in an unknown one, or too many fields in the
    query that a charset makes it read. JSON and forms have no charset, so that none is looked at.
    """

    content_type: str | None
    content_params: dict[str, str] | None

    def _set_content_type_params(self, meta: dict[str, Any]) -> None:
        try:
            found = parse_header_parameters(meta.get("CONTENT_TYPE", ""))
        except (ValueError, LookupError):
            meta["CONTENT_TYPE"] = ""
            found = "", {}
        self.content_type, self.content_params = found


class BrokerWSGIRequest(ReadContentType, WSGIRequest):
    """A request of the web processes."""


class BrokerASGIRequest(ReadContentType, ASGIRequest):
    """A request over HTTP to daphne."""


class WSGIApplication(WSGIHandler):
    """Django's, but a body whose length was not sent is read as well."""

    request_class = BrokerWSGIRequest

    def __call__(self, environ: dict[str, Any], start_response: Any) -> HttpResponseBase:
        """The answer."""
        if "HTTP_TRANSFER_ENCODING" in environ or is_http2(environ):
            read_unmeasured(environ)
        return super().__call__(environ, start_response)


def is_http2(environ: dict[str, Any]) -> bool:
    """Whether it came over HTTP/2, where a body needs neither a length nor an encoding."""
    protocol: str = environ.get("SERVER_PROTOCOL", "")
    return protocol.startswith("HTTP/2") and not environ.get("CONTENT_LENGTH")


def read_unmeasured(environ: dict[str, Any]) -> None:
    """Put a body of known length in place of one whose end only the server knows.

    At most one byte more than a body may have is read, which is enough to refuse it. What cannot
    be read is noted for `api.admission`, which answers.
    """
    if refuse_encoding(environ):
        return
    if not environ.get("wsgi.input_terminated"):
        environ[UNREADABLE] = 411, "the body needs a Content-Length"
        return
    body, most = bytearray(), settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1
    while len(body) < most:
        piece = environ["wsgi.input"].read(min(PIECE, most - len(body)))
        if not piece:
            break
        body += piece
    environ["wsgi.input"] = BytesIO(body)
    environ["CONTENT_LENGTH"] = str(len(body))


def refuse_encoding(meta: dict[str, Any]) -> bool:
    """Note it where the body is coded in another way than in chunks, or has two lengths."""
    encoding: str = meta.get("HTTP_TRANSFER_ENCODING", "chunked")
    plain = encoding.strip().lower() == "chunked"
    if plain and not ("HTTP_TRANSFER_ENCODING" in meta and meta.get("CONTENT_LENGTH")):
        return False
    meta[UNREADABLE] = 400, "Transfer-Encoding: must be chunked, without a Content-Length"
    return True


class ASGIApplication(ASGIHandler):
    """Django's, but a body's length is what came, and no more of it is kept than may come."""

    request_class = BrokerASGIRequest

    async def read_body(self, receive: Any) -> IO[bytes]:
        """The body as a file, cut one byte beyond the most that is accepted."""
        left: int = settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1
        body = tempfile.SpooledTemporaryFile(  # noqa: SIM115 - closed by the handler
            max_size=settings.FILE_UPLOAD_MAX_MEMORY_SIZE
        )
        more = True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                body.close()
                raise RequestAborted
            piece = message.get("body", b"")[:left]
            body.write(piece)
            left -= len(piece)
            more = message.get("more_body", False)
        body.seek(0)
        return body

    def create_request(self, scope: Mapping[str, Any], body_file: IO[bytes]) -> Any:
        """The request that knows how long its body is."""
        request, error = super().create_request(scope, body_file)
        if request is not None and not refuse_encoding(request.META):
            request.META["CONTENT_LENGTH"] = str(body_file.seek(0, SEEK_END))
            body_file.seek(0)
        return request, error
