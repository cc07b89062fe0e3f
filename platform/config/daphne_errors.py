"""Makes daphne's own error responses JSON, like all others.

Twisted reads forms before daphne sees them and answers a malformed one with an empty 400;
daphne answers what it refuses with a page of HTML. The first is switched off, as Django
reads forms, the second becomes JSON. Input that is not HTTP still gets the empty 400 of
every server.
"""

from typing import Any

from daphne import http_protocol

from core import json


class JSONErrorWebRequest(http_protocol.WebRequest):  # type: ignore[misc]  # daphne has no types
    """daphne's request that reads no forms and answers errors as JSON."""

    def __init__(self, *args: Any, **kwargs: object) -> None:
        super().__init__(*args, **{**kwargs, "parsePOSTFormSubmission": False})

    def basic_error(self, status: int, status_text: bytes, body: str) -> None:
        """Send an error of the server itself; `body` is a sentence."""
        code = "INVALID_DATA" if status < 500 else "INTERNAL_ERROR"
        headers = [(b"Content-Type", b"application/json")]
        content = json.dumps({"error": code, "message": body})
        self.handle_reply({"type": "http.response.start", "status": status, "headers": headers})
        self.handle_reply({"type": "http.response.body", "body": content})


def install_web_request() -> None:
    """Make daphne use this class for its requests."""
    http_protocol.WebRequest = JSONErrorWebRequest
