"""The data of the alerts' bench: a hundred symbols and any number of active alerts on them."""

import itertools
from math import inf

from django.db import connection

from accounts.models import Account, User
from alerts.evaluation import evaluate
from alerts.evaluation.queries import SHARD, last_evaluated_seq_no
from alerts.models import Alert, AlertCheckpoint
from core.money import exact_decimal
from market.quotes import tick_log
from tests import factories
from tests.tools.bench.rest_rows import CURRENCIES

SYMBOLS, ACCOUNTS, EACH = 100, 2_000, 500  # alerts of one account
FIRST = 200_000  # login
PRICE, SPREAD = 1.1, 0.0001
HIT = 1.5  # no seeded alert is touched below it
# Every sixth has a channel, so that it wakes on both sides; every tenth expires some day.
ALERTS = """
INSERT INTO alerts_alert (login, symbol, indicator_name, message, comment, side, condition,
    repeat_mode, status, target_price, channel_low, channel_high, move_threshold, reference_price,
    reference_time, created_at, updated_at, expires_at, triggered_at, triggered_price, armed,
    wake_up, wake_down, fresh, seen, revision, cooldown, rests_until)
SELECT %(login)s + n / %(each)s, (%(names)s::text[])[1 + n %% %(symbols)s], '', '', '',
    n / 100 %% 2, condition, 0, 0, target, 0.5 - n %% 997 * 1e-4, target, 0, 0, 0, 1, 1,
    CASE n %% 10 WHEN 0 THEN 4000000000 + n ELSE 0 END, 0, 0, true,
    CASE WHEN condition IN (0, 4) THEN target END,
    CASE WHEN condition IN (1, 4) THEN 0.5 - n %% 997 * 1e-4 END, false, 0, 1, 0, 0
FROM generate_series(%(begin)s::int, %(end)s::int - 1) AS n,
    LATERAL (SELECT (ARRAY[0, 0, 0, 1, 1, 4])[1 + n / 200 %% 6] AS condition,
        CASE n / 200 %% 6 WHEN 3 THEN 0.5 - n %% 997 * 1e-4 WHEN 4 THEN 0.5 - n %% 997 * 1e-4
        ELSE 1.6 + n %% 991 * 1e-4 END AS target) AS levels
"""


def symbol_names() -> list[str]:
    """Return the symbols, those with dollars first."""
    pairs = sorted(itertools.permutations(CURRENCIES, 2), key=lambda pair: "USD" not in pair)
    return [a + b for a, b in pairs[:SYMBOLS]]


def write_rows() -> None:
    """Write symbols, accounts and first quotes; no alerts yet."""
    for name in symbol_names():
        factories.symbol(name)
    group, logins = factories.group("bench"), range(FIRST, FIRST + ACCOUNTS)
    User.objects.bulk_create(User(login=login, regdate=0) for login in logins)
    Account.objects.bulk_create(Account(user_id=login, group=group, leverage=1) for login in logins)
    publish_all(PRICE)
    AlertCheckpoint.objects.create(shard=SHARD, batch=tick_log.newest_batch_number())


def publish_all(price: float) -> None:
    """Publish one batch that moves every symbol."""
    factories.publish(*((name, price, price + SPREAD) for name in symbol_names()))


def write_alerts(begin: int, end: int) -> None:
    """Write the alerts of these numbers, none of which the price PRICE reaches."""
    with connection.cursor() as cursor:
        cursor.execute(ALERTS, {
            "login": FIRST, "each": EACH, "names": symbol_names(), "symbols": SYMBOLS,
            "begin": begin, "end": end,
        })  # fmt: skip
        cursor.execute("VACUUM ANALYZE alerts_alert")


def write_hits(count: int) -> None:
    """Write alerts that the price HIT fires once, over all accounts and symbols."""
    pattern = _crossing(0)
    values = {f.attname: getattr(pattern, f.attname) for f in Alert._meta.fields if f.name != "id"}
    listed = symbol_names()
    Alert.objects.bulk_create(
        (
            Alert(**values | {"account_id": FIRST + n % ACCOUNTS, "symbol_id": listed[n % SYMBOLS]})
            for n in range(count)
        ),
        batch_size=2000,
    )


def write_repeating() -> Alert:
    """Write an alert that fires between PRICE and HIT, in both directions."""
    alert = _crossing(12)
    alert.repeat_mode = 1
    alert.save()
    publish_all(PRICE)
    evaluate.evaluate_new_batches()
    return alert


def _crossing(condition: int) -> Alert:
    """An alert of the first account and symbol halfway to HIT; not yet saved."""
    return Alert(
        account_id=FIRST, symbol_id=symbol_names()[0], side=0, condition=condition, repeat_mode=0,
        target_price=exact_decimal((PRICE + HIT) / 2), created_at=1, updated_at=1, wake_up=-inf,
        cooldown=0, seen=last_evaluated_seq_no(),
    )  # fmt: skip
