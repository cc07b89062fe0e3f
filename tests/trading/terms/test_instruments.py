"""Orders and margins go by the terms of the account's group, others' by the symbol's own."""

import re
from collections.abc import Callable
from decimal import Decimal as D
from pathlib import Path
from typing import Any

import pytest

from accounts.models import Account, Group
from core.errors import BrokerError
from market.enums import TradeMode
from market.models import GroupTerms, Symbol
from market.quotes.quote import LatestQuotes
from tests import factories
from trading import errors, services
from trading.engine import order_loading
from trading.enums import Cmd
from trading.services.account_terms import figures_with_terms
from trading.services.order_request import OrderRequest
from trading.valuation.account import current_figures
from trading.what_if.effect import compute_effect, replace_group, stored_conditions
from trading.what_if.positions_table import AccountSelection

ROOT = Path(__file__).parents[3]


def set_terms(group: Group, symbols: str = "*", **fields: Any) -> None:
    """Give the group terms."""
    GroupTerms.objects.create(group=group, symbols=symbols, **fields)


@pytest.fixture
def other(alice: Account) -> Account:
    """An account of a group without terms, with the money of Alice."""
    return factories.client(100009, factories.group("plain"))


def open_buy(account: Account, volume: int = 100, **fields: Any) -> int:
    trade = services.open_market(
        login=account.login, cmd=Cmd.BUY, symbol="EURUSD", volume=volume, **fields
    )
    return trade.order


def place(account: Account, price: str) -> int:
    return services.open_pending(
        login=account.login, cmd=Cmd.BUY_LIMIT, symbol="EURUSD", volume=100, open_price=D(price)
    ).order


Order = Callable[[Account], int]
REFUSED: list[tuple[dict[str, Any], Order, type[BrokerError]]] = [
    ({"trade": TradeMode.CLOSE_ONLY}, open_buy, errors.TradeDisabled),
    ({"trade": TradeMode.NO}, open_buy, errors.TradeDisabled),
    ({"lot_min": 200}, open_buy, errors.BadVolume),
    ({"lot_max": 50}, open_buy, errors.BadVolume),
    ({"lot_step": 30}, open_buy, errors.BadVolume),
    ({"stops_level": 30}, lambda who: open_buy(who, sl=D("1.09980")), errors.BadStops),
    ({"stops_level": 30}, lambda who: place(who, "1.09990"), errors.BadPrices),
]


@pytest.mark.parametrize(("fields", "order", "refusal"), REFUSED)
def test_an_order_is_refused_by_the_terms_of_its_group_alone(
    alice: Account,
    other: Account,
    eurusd: Symbol,
    fields: dict[str, Any],
    order: Order,
    refusal: type[BrokerError],
) -> None:
    set_terms(alice.group, **fields)
    with pytest.raises(refusal):
        order(alice)
    assert order(other)


def test_an_order_may_be_allowed_by_the_terms_where_the_symbol_would_refuse(
    alice: Account, other: Account, eurusd: Symbol
) -> None:
    Symbol.objects.update(trade=TradeMode.CLOSE_ONLY, lot_min=500, stops_level=900)
    set_terms(alice.group, trade=TradeMode.FULL, lot_min=1, stops_level=0)
    assert open_buy(alice, sl=D("1.09990"))
    request = OrderRequest(Cmd.BUY, "EURUSD", 100)
    assert services.check_order(account=alice, request=request).error is None
    assert services.check_order(account=other, request=request).error == "RET_TRADE_DISABLE"


def test_the_freeze_level_and_the_rest_of_a_partial_close_are_the_groups(
    alice: Account, other: Account, eurusd: Symbol
) -> None:
    frozen, free = open_buy(alice, sl=D("1.09990")), open_buy(other, sl=D("1.09990"))
    set_terms(alice.group, freeze_level=20, lot_min=50)
    with pytest.raises(errors.OrderLocked):
        services.close_position(login=alice.login, order=frozen)
    GroupTerms.objects.update(freeze_level=None)
    set_terms(other.group, "XAU*", lot_min=50)
    with pytest.raises(errors.BadVolume):
        services.close_position(login=alice.login, order=frozen, volume=60)
    assert services.close_position(login=other.login, order=free, volume=60).volume == 60


def test_margin_is_at_the_groups_highest_leverage(
    alice: Account, other: Account, eurusd: Symbol
) -> None:
    set_terms(alice.group, leverage_cap=20)
    open_buy(alice, 10)
    open_buy(other, 10)
    quotes = LatestQuotes()
    assert current_figures(alice, quotes).margin == D("550.05")  # 11,001 / 20
    assert current_figures(other, quotes).margin == D("110.01")
    assert figures_with_terms(alice, other.group, 100, quotes).margin == D("110.01")
    with pytest.raises(errors.NoMoney):
        open_buy(alice, 200)
    services.change_account_terms(login=alice.login, group=other.group, leverage=100)
    alice.refresh_from_db()
    assert current_figures(alice, quotes).margin == D("110.01")


def test_what_a_group_would_change_is_computed_by_its_terms(
    alice: Account, other: Account, eurusd: Symbol
) -> None:
    set_terms(alice.group, leverage_cap=20, bid_markup=50)
    open_buy(alice, 100)
    open_buy(other, 100)
    before = stored_conditions()
    after = Group.objects.get(pk=alice.group.pk)
    after.margin_stopout = after.margin_call = D(190)
    found = compute_effect(before, replace_group(before, after), AccountSelection())
    assert found is not None
    assert found.margin["USD"][0] == pytest.approx(5500.5 + 1100.1)
    # Equity 10,000 − 60 points: 180.7 % of the margin by the terms, above 190 % with a bid of 1.1
    # at less margin.
    assert [fallen.login for fallen in found.fallen] == [alice.login]
    figures = found.fallen[0].after.figures
    assert figures is not None
    assert (figures.margin, figures.equity) == (D("5500.5"), D(9940))
    assert set(order_loading.load_groups()) >= {alice.group.pk}


# Files that read what terms may override. They get a symbol as the group trades it, but for
# those that are about the symbol itself.
READING = re.compile(
    r"\.(lot_(min|max|step)|(stops|freeze)_level|comm_(base|type|lots)|swap_(type|long|short)"
    r"|leverage_tiers)\b(?!\s*=[^=])|\bsymbol\.trade\b"
)
READ_OF_AN_INSTRUMENT = {
    "trading/valuation/formulas.py", "trading/valuation/position_sums.py",
    "trading/what_if/hedged_legs.py", "trading/services/order_rules.py",
    "trading/engine/risk/changed_settings.py", "trading/refusals.py",
    "trading/services/fills.py", "trading/rollover/swap_formulas.py",
    "trading/rollover/swap_value.py", "trading/rollover/charged_sides.py",
    "market/api/assets.py", "market/api/udf_symbols.py", "market/terms/terms_table.py",
    "market/models/group_terms.py",
    "market/sessions/state.py", "market/sessions/next_change.py",
}  # fmt: skip
READ_OF_THE_SYMBOL_ITSELF = {"market/models/symbol.py", "market/feed/gaps.py"}
FORMS = "market/backoffice/"  # of symbols and of terms themselves
# Where trading takes symbols as they are, and what for.
TAKES_SYMBOLS = {
    "trading/unit/locked_account.py": "asks the unit's reads, which make instruments",
    "trading/unit/read.py": "makes instruments of them",
    "trading/services/opening.py": "asks the locked account",
    "trading/services/pending.py": "asks the locked account",
    "trading/services/order_check.py": "makes an instrument of it",
    "trading/what_if/effect.py": "makes a catalog of them",
    "trading/rollover/swaps.py": "names, to read their quotes",
    "trading/rollover/charged_sides.py": "makes instruments of them",
    "trading/reports/broker_result.py": "contract sizes and currencies",
    "trading/engine/triggers/closed_market.py": "trading hours",
    "trading/backoffice/actions/order_forms.py": "digits",
}
TAKING = re.compile(r"find_symbol|stored_symbol\(|Symbol\.objects|catalog\(\)\.symbols")


def product_files() -> list[Path]:
    packages = ("trading", "market", "alerts", "accounts", "platform")
    found = (path for name in packages for path in (ROOT / name).rglob("*.py"))
    return sorted(path for path in found if "migrations" not in path.parts)


def test_what_terms_may_override_is_read_of_instruments() -> None:
    """A further file belongs into a list above, once it is sure that it gets instruments."""
    reading = {
        name
        for path in product_files()
        if READING.search(path.read_text())
        and not (name := str(path.relative_to(ROOT))).startswith(FORMS)
    }
    assert reading <= READ_OF_AN_INSTRUMENT | READ_OF_THE_SYMBOL_ITSELF


def test_trading_makes_instruments_of_the_symbols_that_it_takes() -> None:
    """A further file belongs into the list above, with what it reads of symbols as they are."""
    taking = {
        name
        for path in product_files()
        if (name := str(path.relative_to(ROOT))).startswith("trading/")
        and TAKING.search(path.read_text())
    }
    assert taking <= TAKES_SYMBOLS.keys()
