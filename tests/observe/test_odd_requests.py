"""Any request gets an answer in a known shape and one log line: no 500, no traceback."""

import io
from typing import Any

import orjson
import pytest
from django.conf import settings
from django.test import Client, override_settings
from hypothesis import HealthCheck, example, given
from hypothesis import settings as trying
from hypothesis import strategies as st

from config.applications import WSGIApplication
from tests.api.test_every_route import CALLS
from tests.conftest import error_of
from tests.observe.captured_output import FORMATTERS, captured_log

TOO_MANY = "&".join(["a=1"] * (settings.DATA_UPLOAD_MAX_NUMBER_FIELDS + 1))
PAGES = [
    "/",
    "/docs",
    "/schema",
    "/admin/",
    "/admin/login/",
    "/admin/jsi18n/",
    "/nope",
    "/static/x",
]
ROUTES = [(f"/{path}", method) for path, method in CALLS]
HOSTS = ["evil host", "[::", "a_b{}", "", "a\x00b", "é", "example.com:port", "x y" * 300]


def test_too_many_query_fields_are_refused_on_every_path(
    db: None, subtests: pytest.Subtests
) -> None:
    client = Client()
    pages = [(path, method) for path in PAGES for method in ("get", "post")]
    for path, method in [*pages, *ROUTES]:
        with subtests.test(f"{method} {path}"):
            with captured_log() as log:
                answer = client.generic(method.upper(), f"{path}?{TOO_MANY}")
            assert error_of(answer) == (400, "INVALID_DATA")
            assert [line["status"] for line in log.lines] == [400]


@pytest.mark.parametrize("path", ["/", "/docs", "/schema"])
def test_pages_refuse_a_method_in_the_errors_shape(db: None, path: str) -> None:
    answer = Client().post(path)
    assert error_of(answer) == (405, "METHOD_NOT_ALLOWED")
    assert answer["Content-Type"] == "application/json"


def test_the_allowed_number_of_query_fields_is_accepted(db: None) -> None:
    fields = TOO_MANY.removesuffix("&a=1")
    assert Client().get(f"/docs?{fields}").status_code == 200
    assert error_of(Client().get(f"/account/me?{fields}")) == (401, "PERMISSION_DENIED")


@pytest.mark.parametrize("style", sorted(FORMATTERS))
@pytest.mark.parametrize("host", HOSTS)
def test_a_disallowed_host_logs_one_line_with_the_reason(db: None, host: str, style: str) -> None:
    with captured_log(style) as log:
        answer = Client().get("/account/me", HTTP_HOST=host)
    assert error_of(answer) == (400, "INVALID_DATA")
    assert log.text.count("\n") == 1
    assert "no allowed host" in log.text
    assert len(log.text) < 600


@override_settings(ALLOWED_HOSTS=["broker.example"])
def test_the_log_line_names_a_disallowed_host(db: None) -> None:
    with captured_log() as log:
        assert Client().get("/docs", HTTP_HOST="other.example").status_code == 400
    assert log.lines[0]["reason"] == "no allowed host: 'other.example'"
    assert Client().get("/docs", HTTP_HOST="broker.example").status_code == 200


LATIN = st.characters(max_codepoint=255, exclude_characters="\r\n\0")
TEXTS = st.text(LATIN, max_size=30)
QUERIES = st.just(TOO_MANY) | st.text(st.sampled_from("ab=&%;+41\xe9"), max_size=40)
TYPES = st.one_of(
    TEXTS,
    st.sampled_from(["application/json", "multipart/form-data", "text/plain", "a/b"]).flatmap(
        lambda kind: st.sampled_from(
            ["", "; charset=hex", "; charset=utf-16", "; charset=undefined", "; x*=bogus''%41",
             "; boundary=x", "; boundary=\xe9", "; x*=utf-8'", ";;;=", '; x="\\'],
        ).map(lambda rest: kind + rest)
    ),
)  # fmt: skip
ENVIRONMENTS = st.fixed_dictionaries(
    {
        "REQUEST_METHOD": st.sampled_from(["GET", "POST", "PUT", "DELETE", "OPTIONS", "HEAD"])
        | st.text("abcXYZ-", min_size=1, max_size=8),
        "PATH_INFO": st.sampled_from(
            ["/", "/sign/in", "/docs", "/admin/login/", "/account/me", "/schema", "/price_alert/7"]
        )
        | TEXTS.map(lambda text: f"/{text}"),
        "QUERY_STRING": QUERIES,
    },
    optional={
        "CONTENT_TYPE": TYPES,
        "HTTP_HOST": TEXTS,
        "HTTP_COOKIE": TEXTS | TEXTS.map(lambda text: f"token={text}; csrf={text}"),
        "HTTP_AUTHORIZATION": TEXTS | TEXTS.map(lambda text: f"Bearer {text}"),
        "HTTP_ORIGIN": TEXTS,
        "HTTP_REFERER": TEXTS,
        "HTTP_ACCEPT": TEXTS,
        "HTTP_X_REQUEST_ID": TEXTS,
        "HTTP_X_FORWARDED_FOR": TEXTS,
        "HTTP_IDEMPOTENCY_KEY": TEXTS,
        "HTTP_TRANSFER_ENCODING": st.sampled_from(["chunked", "gzip, chunked", "identity", "x"]),
        "HTTP_ACCEPT_LANGUAGE": TEXTS,
        "HTTP_RANGE": TEXTS,
    },
)
CHARSET = {"CONTENT_TYPE": "application/json; charset=utf-8", "QUERY_STRING": TOO_MANY}


@trying(
    deadline=None,
    max_examples=300,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(environ=ENVIRONMENTS, body=st.binary(max_size=50) | st.just(b'{"login": 1}'))
@example(environ={"REQUEST_METHOD": "GET", "PATH_INFO": "/sign/check", **CHARSET}, body=b"")
@example(environ={"REQUEST_METHOD": "POST", "PATH_INFO": "/sign/in", **CHARSET}, body=b"{}")
def test_any_request_is_answered_and_logged_without_a_traceback(
    db: None, capsys: pytest.CaptureFixture[str], environ: dict[str, Any], body: bytes
) -> None:
    for style in FORMATTERS:
        with captured_log(style) as log:
            status, answer = answer_of(environ, body)
        assert status < 500
        if status >= 400 and answer and not answer.lstrip().startswith(b"<"):
            assert set(orjson.loads(answer)) == {"error", "message"}
        assert "Traceback" not in log.text
        assert "ERROR" not in log.text
        assert " failed: " not in log.text
        assert log.text.count("\n") in (1, 2)  # its own, and one of Django's
    assert "Logging error" not in capsys.readouterr().err


application = WSGIApplication()


def answer_of(environ: dict[str, Any], body: bytes) -> tuple[int, bytes]:
    """Return the answer of the web processes' application."""
    begun: list[str] = []
    whole = {
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_LENGTH": "" if "HTTP_TRANSFER_ENCODING" in environ else str(len(body)),
        "wsgi.input": io.BytesIO(body),
        "wsgi.input_terminated": True,
        "wsgi.url_scheme": "http",
        "HTTP_HOST": "localhost",
        **environ,
    }
    answer = application(whole, lambda status, headers: begun.append(status))
    try:
        return int(begun[0].split()[0]), b"".join(answer)
    finally:
        answer.close()
