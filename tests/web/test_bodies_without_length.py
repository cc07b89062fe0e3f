"""Reading bodies without a Content-Length."""

import io
from typing import Any

import pytest
from django.conf import settings

from config.applications import WSGIApplication
from tests.conftest import error_of
from tests.web.raw_requests import Answer

MOST = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
application = WSGIApplication()


class Endless(io.RawIOBase):
    """A body without end; counts what was read of it."""

    count = 0

    def read(self, size: int = -1) -> bytes:
        assert size > 0, "no bound was given"
        self.count += size
        return b"x" * size


def post_sign_in(body: Any, **environ: Any) -> Answer:
    """Return the answer of the web processes' application to a POST of /sign/in."""
    begun: list[tuple[str, dict[str, str]]] = []
    whole = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/sign/in",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "localhost",
        "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_TYPE": "application/json",
        "wsgi.input": body,
        "wsgi.input_terminated": True,
        "wsgi.url_scheme": "http",
        **environ,
    }
    answer = application(whole, lambda status, headers: begun.append((status, dict(headers))))
    status, headers = begun[0]
    try:
        return Answer(int(status.split()[0]), headers["Content-Type"], b"".join(answer))
    finally:
        answer.close()


def test_a_body_without_length_is_read_up_to_the_limit() -> None:
    body = Endless()
    assert error_of(post_sign_in(body, HTTP_TRANSFER_ENCODING="chunked")) == (400, "INVALID_DATA")
    assert body.count == MOST + 1


@pytest.mark.parametrize("coding", ["chunked", " Chunked "])
def test_a_server_without_an_end_of_body_gets_411(coding: str) -> None:
    """Reading on would wait for bytes that never come."""
    environ = {"HTTP_TRANSFER_ENCODING": coding, "wsgi.input_terminated": False}
    assert error_of(post_sign_in(Endless(), **environ)) == (411, "INVALID_DATA")


@pytest.mark.parametrize("coding", ["gzip", "gzip, chunked", "chunked, chunked", "", "identity"])
def test_an_unknown_transfer_coding_is_refused_unread(coding: str) -> None:
    body = Endless()
    assert error_of(post_sign_in(body, HTTP_TRANSFER_ENCODING=coding)) == (400, "INVALID_DATA")
    assert body.count == 0


def test_a_content_length_with_chunks_is_refused_unread() -> None:
    body = Endless()
    both = {"HTTP_TRANSFER_ENCODING": "chunked", "CONTENT_LENGTH": "5"}
    assert error_of(post_sign_in(body, **both)) == (400, "INVALID_DATA")
    assert body.count == 0


def test_http2_needs_no_length(db: None) -> None:
    body = io.BytesIO(b'{"login": 5, "password": "no such login"}')
    answer = post_sign_in(body, SERVER_PROTOCOL="HTTP/2")
    assert error_of(answer) == (403, "USER_NOT_FOUND_OR_INCORRECT")
