"""The rows of all sections, and equivalent ways to send each request."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl

from django.urls import Resolver404, resolve

from tests.contract import (
    test_account,
    test_auth,
    test_bulk_trading,
    test_charts,
    test_feed,
    test_market,
    test_notifications,
    test_price_alerts,
    test_scripts,
    test_settings,
    test_staff_lists,
    test_trades,
    test_trading,
)
from tests.contract.table import Row, Story

OF_SECTIONS: list[Row | Story] = [
    *test_auth.ROWS, *test_account.ROWS, *test_trading.ROWS, *test_bulk_trading.ROWS,
    *test_notifications.ROWS, *test_trades.ROWS, *test_market.ROWS, *test_charts.ROWS,
    *test_scripts.ROWS, *test_settings.ROWS, *test_price_alerts.ROWS, *test_feed.ROWS,
    *test_staff_lists.ROWS,
]  # fmt: skip
OTHER = {"POST": "PUT", "PUT": "POST"}


def all_rows(rows: Iterable[Row | Story]) -> Iterator[Row]:
    """Return all rows, those of the stories among them."""
    for one in rows:
        yield from (one,) if isinstance(one, Row) else one


def route_of(call: str) -> tuple[str, str]:
    """The method and the URL conf's pattern of a request."""
    method, path = call.split(" ", 1)
    path = re.sub(r"\{\w+\}", "7", path.partition("?")[0])
    try:
        return method, resolve(path).route
    except Resolver404:
        return method, path


def first_of_each_route() -> list[Row]:
    """Return the first successful row of each route and method that needs no story."""
    found: dict[tuple[str, str], Row] = {}
    for one in OF_SECTIONS:
        row = one if isinstance(one, Row) else one[0]
        if row.status == 200 and not row.sends and one not in test_feed.ROWS:
            found.setdefault(route_of(row.call), row)
    return list(found.values())


def equivalent_requests(row: Row) -> Iterator[Row]:
    """Yield the same request with a slash, by the other write method, as body or query."""
    method, path = row.call.split(" ", 1)
    path, _, query = path.partition("?")
    yield replace(row, call=f"{method} {path}/" + f"?{query}" * bool(query))
    if method in OTHER:
        yield replace(row, call=f"{OTHER[method]} {path}")
    elif query:
        yield replace(row, call=f"{method} {path}", body=dict(map(_as_json, parse_qsl(query))))
    elif row.body:
        query = "&".join(f"{name}={value}" for name, value in row.body.items())
        yield replace(row, call=f"{method} {path}?{query}", body=None)
    if row.who != "anonymous":
        yield replace(row, who=f"{row.who} Bearer")
        yield replace(row, who=f"{row.who} cookie")


def _as_json(item: tuple[str, str]) -> tuple[str, Any]:
    """Return the JSON value of a query text; a symbol is not JSON and stays text.

    Names in braces stand for numbers that are filled in later.
    """
    name, text = item
    try:
        return name, json.loads(re.sub(r"\{\w+\}", r'"\g<0>"', text))
    except ValueError:
        return name, text
