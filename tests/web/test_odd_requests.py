"""Errors that a server or library answers itself have the shape of errors as well."""

import pytest
from django.conf import settings

from tests.conftest import error_of
from tests.web.raw_requests import JSON, request
from tests.web.web_servers import WebServer

TOO_MANY = "&".join(["a=1"] * (settings.DATA_UPLOAD_MAX_NUMBER_FIELDS + 1))
TYPES = [
    "application/json; charset=hex",
    "application/json; charset=undefined",
    "application/json; x*=bogus''%41",
    "application/json; x*=utf-8'",
    "a/b; x*=bogus''%41",
    "multipart/form-data; boundary*=bogus''x",
    ";",
]
PARTS = {
    "no multipart at all": b"abc",
    "a part without end": b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1',
    "a whole one": b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--x--\r\n',
    "a part without a name": b"--x\r\nContent-Disposition: form-data\r\n\r\n1\r\n--x--\r\n",
    "no header": b"--x\r\n\r\n\r\n--x--\r\n",
}


@pytest.mark.parametrize("name", PARTS)
@pytest.mark.parametrize("boundary", ["; boundary=x", "", "; boundary=", '; boundary="'])
def test_multipart_bodies_are_refused(web: WebServer, name: str, boundary: str) -> None:
    kind = ("Content-Type", f"multipart/form-data{boundary}")
    answer = web.send(request("POST", "/sign/in", kind, body=PARTS[name]))
    assert error_of(answer) == (415, "UNSUPPORTED_MEDIA_TYPE")
    assert answer.content_type == "application/json"


@pytest.mark.parametrize("path", ["/sign/in", "/docs", "/schema", "/admin/", "/", "/nope"])
@pytest.mark.parametrize("kind", ["application/json", "application/json; charset=utf-8"])
def test_too_many_query_fields_are_refused(web: WebServer, path: str, kind: str) -> None:
    """With a charset Django reads the query while it makes the request."""
    answer = web.send(request("POST", f"{path}?{TOO_MANY}", ("Content-Type", kind), body=b"{}"))
    assert error_of(answer) == (400, "INVALID_DATA")


@pytest.mark.parametrize("kind", TYPES)
def test_a_malformed_content_type_is_refused(web: WebServer, kind: str) -> None:
    header = ("Content-Type", kind)
    assert error_of(web.send(request("GET", "/sign/check?a=%41", header)))[0] == 401
    answer = web.send(request("POST", "/sign/in", header, body=b"{}"))
    assert error_of(answer)[0] in (400, 415)


@pytest.mark.parametrize("host", ["a b", "[::", "a_b{}", "", "x y" * 1000])
def test_a_disallowed_host_logs_one_line(web: WebServer, host: str) -> None:
    before = web.log().count("\n")
    assert error_of(web.send(request("GET", "/sign/check", host=host))) == (400, "INVALID_DATA")
    lines = web.lines_since(before)
    assert len(lines) == 1, lines
    assert "no allowed host" in lines[0]


@pytest.mark.parametrize("path", ["/%E2%82%AC", "/%ff%fe", "/%00", "/sign/check?a=%ff%00", "/%"])
def test_any_bytes_in_the_path_are_answered(web: WebServer, path: str) -> None:
    assert error_of(web.send(request("GET", path, JSON)))[0] in (401, 404)


def test_a_header_that_daphne_refuses_is_an_error_of_the_contract(web: WebServer) -> None:
    answer = web.send(request("GET", "/sign/check", ("X-Any", "a\x0bb")))
    if web.name == "daphne":
        assert error_of(answer) == (400, "INVALID_DATA")
    assert answer.status in (400, 401)
