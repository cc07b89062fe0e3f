"""Every route, and every code that a client can get, has a row in the contract tests."""

from api.errors import status_of
from tests.api.test_every_route import OPEN, routes
from tests.contract import test_conventions
from tests.contract.row_variants import (
    OF_SECTIONS,
    all_rows,
    equivalent_requests,
    first_of_each_route,
    route_of,
)
from tests.error_codes import client_errors

ROWS = list(all_rows([*OF_SECTIONS, *test_conventions.ROWS]))
# The codes of the contract, each with its statuses.
CODES = {
    "INVALID_DATA": {400},
    "INVALID_LOGIN": {400},
    "INVALID_USER": {400},
    "INVALID_TARGET_PRICE": {400},
    "INVALID_CHANNEL": {400},
    "INVALID_MOVE_THRESHOLD": {400},
    "INVALID_EXPIRES_AT": {400},
    "INVALID_AVATAR": {400},
    "PERMISSION_DENIED": {401, 403},
    "UPDATE_PASSWORD_ERROR": {401},
    "USER_DISABLED": {402},
    "USER_NOT_FOUND_OR_INCORRECT": {403},
    "SYMBOL_NOT_ALLOWED": {403},
    "GROUP_NOT_PUBLIC": {403},
    "GROUP_DISABLED": {403},
    "MODIFY_TRADE_ERROR": {403},
    "GROUP_NOT_FOUND": {404},
    "SCRIPT_NOT_FOUND": {404},
    "MARKET_WATCH_SYMBOL_NOT_FOUND": {404},
    "NOT_FOUND": {404},
    "ALERT_LIMIT_REACHED": {409},
    "METHOD_NOT_ALLOWED": {405},
    "UNSUPPORTED_MEDIA_TYPE": {415},
    "INTERNAL_ERROR": {500},
    "FEED_NOT_PUSH": {409},
    "FEED_BUSY": {503},
    "RET_TOO_FREQUENT": {429},
    "RET_ERR_DUPLICATE": {422},
    "RET_SYMBOL_NOT_FOUND": {404},
    "RET_NOT_FOUND": {404},
    "RET_ACCOUNT_DISABLED": {403},
    "RET_TRADE_BAD_PRICES": {400},
    "RET_TRADE_BAD_STOPS": {400},
    "RET_TRADE_BAD_VOLUME": {400},
    "RET_TRADE_MARKET_CLOSED": {423},
    "RET_TRADE_DISABLE": {403},
    "RET_TRADE_NO_MONEY": {409},
    "RET_TRADE_OFFQUOTES": {503},
    "RET_TRADE_REQUOTE": {409},
    "RET_TRADE_ORDER_LOCKED": {409},
    "RET_TRADE_LONG_ONLY": {409},
    "RET_TRADE_TOO_MANY_REQ": {429},
    "RET_TRADE_CONTEXT_BUSY": {409},
    "RET_TRADE_EXPIRATION_DENIED": {400},
    "RET_TRADE_TOO_MANY_ORDERS": {409},
    "RET_TRADE_HEDGE_PROHIBITED": {409},
    "RET_TRADE_PROHIBITED_BY_FIFO": {409},
    "RET_TRADE_INVALID_SL_TP": {400},
    "RET_TRADE_READ_ONLY": {403},
    "RET_TRADE_INCORRECT_STATE": {400},
    "RET_TRADE_INCORRECT_CMD": {400, 409},
}
NEVER_MET = {
    "INVALID_MARGIN_LEVEL": "a level that is undefined goes out as 0, which the contract allows",
    "RET_TRADE_MODIFY_DENIED": "what cannot be modified has a code that says why",
    "REFUSED": "a kind of errors: each of them has a code of its own",
    "UNAVAILABLE": "a kind of errors: each of them has a code of its own",
}
# The answers to a socket's first frame; no route answers them.
ON_THE_STREAM = {"INVALID_TOKEN", "UNSUPPORTED_SESSION"}


def met() -> dict[str, set[int]]:
    """The codes of all rows with their statuses."""
    found: dict[str, set[int]] = {}
    for row in ROWS:
        if isinstance(row.answer, str):
            found.setdefault(row.answer, set()).add(row.status)
    return found


def test_every_route_and_method_has_a_row() -> None:
    """A new route wants its rows in the file of its section."""
    other = (spelled for row in first_of_each_route() for spelled in equivalent_requests(row))
    asked = {route_of(row.call) for row in [*ROWS, *other]}
    wanted = {
        route_of(f"{method.upper()} /{path}")
        for path, actions in routes()
        for method in set(actions) - {"head"}  # which DRF adds to whatever has a GET
    }
    assert sorted(wanted - asked) == []


def test_every_route_has_a_successful_row_and_one_without_a_session() -> None:
    answered = {route_of(row.call)[1] for row in ROWS if row.status == 200}
    denied = {route_of(row.call)[1] for row in ROWS if row.status == 401}
    paths = {route_of(f"GET /{path}")[1]: path for path, _ in routes()}
    assert sorted(set(paths) - answered) == []
    assert {paths[route] for route in set(paths) - denied} == OPEN


def test_every_code_of_the_contract_has_a_row_with_its_status() -> None:
    assert met() == CODES


def test_every_error_class_is_in_the_contract() -> None:
    known = {(code, status) for code, statuses in CODES.items() for status in statuses}
    unknown = {e.code for e in client_errors() if (e.code, status_of(e)) not in known}
    assert unknown - set(NEVER_MET) == ON_THE_STREAM


def test_codes_declared_unreachable_have_no_row() -> None:
    assert set(NEVER_MET) & set(CODES) == set()
