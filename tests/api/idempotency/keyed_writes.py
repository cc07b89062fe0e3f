"""Writes with an idempotency key."""

from typing import Any

from rest_framework.test import APIClient

BUY = {"cmd": 0, "symbol": "EURUSD", "volume": 100, "sl": 0, "tp": 0}


def send_buy(client: APIClient, key: str, **changes: object) -> Any:
    """Open a lot of EURUSD with a key; `changes` replace fields of the order."""
    return send_write(client, key, "post", "/trade/open", {**BUY, **changes})


def send_write(
    client: APIClient, key: str, method: str, path: str, body: dict[str, object] | None = None
) -> Any:
    """Send any write with its key."""
    return getattr(client, method)(path, body, HTTP_IDEMPOTENCY_KEY=key)


def is_replayed(answer: Any) -> bool:
    """Return whether the answer is the first one, replayed."""
    return "Idempotent-Replay" in answer.headers and answer["Idempotent-Replay"] == "true"
