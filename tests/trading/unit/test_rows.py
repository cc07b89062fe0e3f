"""Rows that are made without the way through a model's constructor."""

from decimal import Decimal as D
from typing import Any

from accounts.models import Account
from core.postgresql.prepared_models import make_new
from market.models import Symbol
from trading.models import Fill, Trade
from trading.unit.trade_rows import NAMES, row_of


def test_a_new_row_is_what_the_constructor_makes_of_the_same_values(
    alice: Account, eurusd: Symbol
) -> None:
    trade = Trade(order=7, account=alice, symbol=eurusd)
    values: dict[str, Any] = {
        "id": None, "kind": Fill.Kind.CLOSE, "time": 5, "price": D("1.1"), "volume": 10,
        "quote": [], "seen": None, "rates": {}, "rules": {}, "before": {}, "after": {},
        "around": [],
    }  # fmt: skip
    made, constructed = make_new(Fill, values, trade=trade), Fill(**values, trade=trade)
    assert vars(made._state) == vars(constructed._state)
    assert vars(made) == vars(constructed) | {"_state": made._state}


def test_a_trades_row_has_its_decimals_as_the_columns_store_them(
    alice: Account, eurusd: Symbol
) -> None:
    trade = Trade(
        order=7, account=alice, symbol=eurusd, open_price=D("1.123456785"),
        commission=-3, storage=D("1E+1"), sl=D("1.05"),
    )  # fmt: skip
    row = dict(zip(NAMES, row_of(trade), strict=True))
    shown = [str(row[name]) for name in ("open_price", "commission", "storage", "sl")]
    assert shown == ["1.12345679", "-3", "1E+1", "1.05"]
