"""A client that reads one snapshot and then follows the stream alone."""

from typing import Any

from rest_framework.test import APIClient

from accounts.models import Account
from tests.realtime.stream_client import StreamClient
from trading.enums import State

BALANCE = (
    "login", "balance", "margin", "margin_free", "margin_level", "equity", "credit", "level_type",
    "profit",
)  # fmt: skip
TRADE = (
    "order", "login", "symbol", "cmd", "volume", "open_price", "close_price", "open_time",
    "close_time", "tp", "sl", "state", "storage", "commission", "profit", "comment",
)  # fmt: skip
ALERT = (
    "id", "login", "symbol", "indicator_name", "message", "side", "condition", "target_price",
    "channel_low", "channel_high", "move_threshold", "status", "repeat_mode", "expires_at",
    "triggered_price", "triggered_at",
)  # fmt: skip
DELETE = 2  # the code
Rows = dict[int, dict[str, Any]]


class Mirror:
    """The account's balance, trades and alerts."""

    def __init__(self, api: APIClient, socket: StreamClient, account: Account) -> None:
        self._api, self._socket, self._login = api, socket, account.login
        self._seq = account.seq
        self.balance, self.trades, self.alerts = self.read_snapshot()
        answer = socket.ask({"event": "resume", "since": self._seq})
        assert answer == {"event": "resume", "success": True, "seq": self._seq}

    def read_snapshot(self) -> tuple[dict[str, Any], Rows, Rows]:
        """Return the present state by REST."""
        reply = self._api.get("/account/balance").json()
        trades = self._api.get("/trades?tradeType=0&limit=1000&offset=0").json()
        alerts = self._api.get("/price_alert/list").json()
        return (
            {name: reply[name] for name in BALANCE},
            {row["order"]: without_floating(row) for row in keyed_rows(trades, TRADE)},
            {row["id"]: row for row in keyed_rows(alerts, ALERT)},
        )

    def follow(self) -> list[str]:
        """Apply all events up to the account's last one; return their letters."""
        letters = []
        last = Account.objects.get(pk=self._login).seq
        while self._seq < last:
            frame = self._socket.receive()
            if isinstance(frame, list):
                continue  # a heartbeat
            assert frame["seq"] == self._seq + 1
            self._seq = frame["seq"]
            self._apply(*frame["event"])
            letters.append(frame["event"][0])
        return letters

    def _apply(self, letter: str, *fields: Any) -> None:
        *values, code = fields
        if letter == "b":
            self.balance = dict(zip(BALANCE, values, strict=True))
        elif letter == "o":
            trade = dict(zip(TRADE, values, strict=True))
            self.trades[trade["order"]] = without_floating(trade)
        elif letter == "a":
            alert = dict(zip(ALERT, values, strict=True))
            self.alerts[alert["id"]] = alert
            if code == DELETE:
                del self.alerts[alert["id"]]


def keyed_rows(table: dict[str, Any], names: tuple[str, ...]) -> list[dict[str, Any]]:
    """Return the table's rows by the names that the stream uses."""
    found = [dict(zip(table["structure"], row, strict=True)) for row in table["rows"]]
    return [{name: row[name] for name in names} for row in found]


def without_floating(trade: dict[str, Any]) -> dict[str, Any]:
    """Return the trade without an open position's floating profit, which events do not hold."""
    return trade | {"profit": 0} if trade["state"] == State.OPEN else trade
