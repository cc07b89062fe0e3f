"""A REST client for tests: `status, body = alice.get("/scripts")`."""

import json
from dataclasses import dataclass
from typing import Any

from rest_framework.test import APIClient


@dataclass(frozen=True)
class Rest:
    """A client with a session; every call returns status and decoded body."""

    client: APIClient

    def get(self, path: str, **query: Any) -> tuple[int, Any]:
        return _answer(self.client.get(path, query))

    def post(self, path: str, **body: Any) -> tuple[int, Any]:
        return self.send("post", path, body)

    def put(self, path: str, **body: Any) -> tuple[int, Any]:
        return self.send("put", path, body)

    def delete(self, path: str, **body: Any) -> tuple[int, Any]:
        return self.send("delete", path, body)

    def send(self, method: str, path: str, body: object) -> tuple[int, Any]:
        """Send any body; bytes are sent unchanged."""
        data: Any = body if isinstance(body, bytes) else json.dumps(body)
        return _answer(self.client.generic(method.upper(), path, data, "application/json"))


def _answer(response: Any) -> tuple[int, Any]:
    return response.status_code, response.json()
