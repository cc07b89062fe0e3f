"""The floor: a bare WSGI callable that runs one equivalent SQL statement."""

import json
import os
from collections.abc import Callable, Iterable
from typing import Any

from psycopg_pool import ConnectionPool

from tests.tools.bench.rig import READER, WRITER

TRADES = """
SELECT json_build_object('structure', json_build_array('order'), 'count', count(*),
    'total_profit', sum(profit), 'total_net_profit', sum(profit + commission + storage),
    'total_storage', sum(storage), 'total_commission', sum(commission),
    'total_volume', sum(volume), 'rows', json_agg(json_build_array("order", login, cmd, state,
        symbol, reason, volume, open_time, close_time, open_price, close_price, sl, tp, profit,
        profit + commission + storage, commission, storage, comment, digits, expiration)))::text
FROM (SELECT * FROM trading_trade WHERE login = %s AND state = 0 AND cmd IN (0, 1)
      ORDER BY open_time DESC, "order" DESC LIMIT 1000) t
"""
ME = """
SELECT json_build_object('user', row_to_json(u), 'account', row_to_json(a), 'group', g.name,
    'trades', (SELECT json_build_array(sum(profit), sum(commission), sum(storage), count(*))
               FROM trading_trade WHERE login = %s AND state = 0 AND cmd IN (0, 1)))::text
FROM accounts_user u JOIN accounts_account a USING (login) JOIN accounts_group g ON g.id = group_id
WHERE u.login = %s
"""
SHORT = "SELECT json_agg(row_to_json(s))::text FROM market_symbol s"
LOCK = "SELECT * FROM accounts_account WHERE login = %s FOR NO KEY UPDATE"
SYMBOL = "SELECT * FROM market_symbol WHERE name = %s"
LIVE = "SELECT * FROM trading_trade WHERE login = %s AND state = 0"
INSERT = """
INSERT INTO trading_trade (login, symbol, cmd, state, reason, activation, volume, closed_volume,
    open_time, close_time, expiration, open_price, close_price, sl, tp, profit, commission, storage,
    margin_rate, digits, comment, seen, sl_seen, tp_seen, waiting, revision,
    realized)
VALUES (%s, %s, 0, 0, 7, 0, 10, 0, 1, 0, 0, 1.1, 0, 0, 0, 0, 0, 0, 1, 5, '', 1, 1, 1, false, 1, 0)
RETURNING "order"
"""
FILL = """
INSERT INTO trading_fill ("order", kind, time, price, volume, quote, rates, rules, before,
    after, around)
VALUES (%s, 'open', 1, 1.1, 10, '[1.1,1.1001,1,1,1]', '{"margin": ["1", []]}', '{"leverage": 500}',
    '{"balance": "1"}', '{"balance": "1"}', '[]')
"""
EVENTS = """
INSERT INTO realtime_accountevent (login, seq, time, event)
VALUES (%s, %s, 1, '["o",1,2,3,4,5,6,7,8,9,10]'), (%s, %s, 1, '["b",1,2,3,4,5,6,7,8,9,10]')
"""
SEQ = "UPDATE accounts_account SET seq = seq + 2, balance = balance - %s WHERE login = %s"
TRADE = 'SELECT * FROM trading_trade WHERE "order" = %s FOR NO KEY UPDATE'
CLOSE = """
UPDATE trading_trade SET state = 3, close_price = 1.1, close_time = 2, profit = -1, revision = 2
WHERE "order" = %s
"""

pool = ConnectionPool(os.environ["FLOOR_DATABASE"], min_size=4, max_size=16, open=True)


def read_text(sql: str, *values: Any) -> bytes:
    """Return the text of the statement's one value."""
    with pool.connection() as connection:
        row = connection.execute(sql, values).fetchone()
    return str(row[0] if row else "").encode()


def open_trade() -> bytes:
    """Write what opening writes, in one transaction."""
    with pool.connection() as connection:
        account = connection.execute(LOCK, [WRITER]).fetchall()
        connection.execute(SYMBOL, ["EURUSD"]).fetchall()
        connection.execute(LIVE, [WRITER]).fetchall()
        order = connection.execute(INSERT, [WRITER, "EURUSD"]).fetchall()[0][0]
        connection.execute(FILL, [order])
        _announce(connection, account[0])
    return json.dumps({"accepted": True, "order": order}).encode()


def close_trade(order: int) -> bytes:
    """Write what closing writes, in one transaction."""
    with pool.connection() as connection:
        account = connection.execute(LOCK, [WRITER]).fetchall()
        connection.execute(TRADE, [order]).fetchall()
        connection.execute(CLOSE, [order])
        connection.execute(FILL, [order])
        connection.execute(LIVE, [WRITER]).fetchall()
        _announce(connection, account[0])
    return json.dumps({"accepted": True, "order": order}).encode()


def _announce(connection: Any, account: Any) -> None:
    seq = connection.execute(
        "SELECT coalesce(max(seq), 0) FROM realtime_accountevent WHERE login = %s", [WRITER]
    ).fetchall()[0][0]
    connection.execute(EVENTS, [WRITER, seq + 1, WRITER, seq + 2])
    connection.execute(SEQ, [0, WRITER])
    del account


def answer(method: str, path: str, body: bytes) -> bytes:
    match path:
        case "/trades":
            return read_text(TRADES, READER)
        case "/account/me":
            return read_text(ME, READER, READER)
        case "/market/short/list":
            return read_text(SHORT)
        case "/trade/open":
            return open_trade()
    return close_trade(json.loads(body)["order"])


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    data = answer(environ["REQUEST_METHOD"], environ["PATH_INFO"], body)
    length = str(len(data))
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", length)])
    return [data]
