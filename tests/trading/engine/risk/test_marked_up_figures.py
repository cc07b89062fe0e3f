"""The figures of accounts whose group sees other prices than the market's, or trades otherwise."""

from decimal import Decimal as D

import pytest

from accounts.enums import ConversionPrices, RateMode
from accounts.models import Account, Group
from market.catalog import Catalog
from market.conversion import Converter
from market.enums import MarginMode
from market.models import GroupTerms
from market.quotes.tick_log import Tick
from market.terms.terms_table import TermsTable
from tests.trading.engine.risk.random_market import cfd, currency_pair, row_of
from trading.book_updates import AccountUpdate
from trading.engine.book_summary import summarize_book
from trading.engine.risk.risk_book import RiskBook
from trading.engine.risk.scan import RiskScan
from trading.valuation.positions import Position

EURUSD, USDCHF = currency_pair("EURUSD"), currency_pair("USDCHF")
GOLD = cfd("GOLD", "USD", MarginMode.CFD_LEVERAGE, digits=2)
LONG = Position(1, EURUSD, 1, 100, D("1.1"), D(0), D(0), D("1.1"))  # a lot: a point is a dollar
SHORT = LONG._replace(order=2, direction=-1)


def catalog_with(*entries: GroupTerms) -> Catalog:
    symbols = {symbol.name: symbol for symbol in (EURUSD, USDCHF, GOLD)}
    return Catalog(symbols, Converter(symbols.values()), TermsTable(entries))


def terms(group: int, **more: object) -> GroupTerms:
    return GroupTerms(group_id=group, symbols="*", **more)


class Desk:
    """Account 7 in group 1 of two, at EURUSD 1.10100/1.10110 and USDCHF 0.9/0.9001."""

    def __init__(self, *entries: GroupTerms, **group: object) -> None:
        self.groups = {
            pk: Group(pk=pk, name=str(pk), **{"currency": "USD", **group}) for pk in (1, 2)
        }
        self.book = RiskBook(catalog_with(*entries), self.groups)
        self.scan = RiskScan(self.book)
        self.number = 0
        self.quote("USDCHF", 0.9, 0.9001)
        self.quote("EURUSD", 1.101, 1.1011)
        self.move_to(1)

    def quote(self, name: str, bid: float, ask: float) -> None:
        self.number += 1
        tick = Tick(name, bid, ask, self.number, self.number, self.number)
        self.scan.scan_batch([tick])
        self.scan.advance(tick)

    def move_to(self, group: int) -> None:
        account = Account(user_id=7, group=self.groups[group], leverage=100, balance=D(10_000))
        self.book.apply_account(AccountUpdate.of_account(account))

    def hold(self, *positions: Position) -> "Desk":
        for position in positions:
            self.book.apply_order(row_of(position, 7))
        return self

    def replace_terms(self, *entries: GroupTerms) -> None:
        if self.book.apply_settings(catalog_with(*entries), self.groups):
            self.scan = RiskScan(self.book)
            self.scan.revalue_all()

    @property
    def profits(self) -> list[float]:
        return [round(one, 6) for one in self.scan.figures_of(0).profits.values()]

    @property
    def margin(self) -> float:
        return round(self.scan.figures_of(0).margin, 6)


@pytest.mark.parametrize(
    ("entry", "profits"),
    [
        (terms(2, bid_markup=4, ask_markup=6), [100, -110]),  # another group's
        (terms(1, bid_markup=4, ask_markup=6), [96, -116]),
        (terms(1, spread=31), [89, -120]),  # mid 1.10105 − 15.5 points, rounded down
    ],
)
def test_positions_are_valued_at_the_prices_of_the_group(
    entry: GroupTerms, profits: list[int]
) -> None:
    desk = Desk(entry).hold(LONG, SHORT)
    assert desk.profits == profits
    floating = summarize_book(desk.book)[1]["floating"]
    assert round(floating, 6) == sum(profits)


def test_a_market_move_is_valued_at_its_worst_for_the_group() -> None:
    desk = Desk(terms(1, bid_markup=4), margin_stopout=50).hold(LONG)
    ticks = [Tick("EURUSD", bid, bid + 1e-4, n, n, n) for n, bid in ((8, 1.0), (9, 1.101))]
    assert desk.scan.scan_batch(ticks) == [0]
    assert round(float(desk.book.accounts.data["profit"][0]), 6) == -10_004


@pytest.mark.parametrize(
    ("entry", "margin"),
    [
        (terms(2, ask_markup=20), 10 * D("2300.50") / 100),
        (terms(1, ask_markup=20), 10 * D("2300.60") / 100),  # the mid goes up by half of it
        (terms(1, spread=41), 10 * D("2300.495") / 100),  # bid 2300.29
    ],
)
def test_a_margin_at_mid_uses_the_mid_that_the_group_sees(entry: GroupTerms, margin: D) -> None:
    desk = Desk(entry, margin_rate_mode=RateMode.MID)
    desk.quote("GOLD", 2300, 2301)
    desk.hold(LONG._replace(instrument=GOLD))
    assert desk.margin == pytest.approx(float(margin))
    desk.replace_terms()
    assert desk.margin == pytest.approx(230.05)


@pytest.mark.parametrize(
    ("prices", "profit"),
    [(ConversionPrices.MARKET, 100 * 0.9), (ConversionPrices.OWN, 100 * 0.8999)],
)
def test_profits_convert_at_the_markets_prices_or_the_groups(
    prices: ConversionPrices, profit: float
) -> None:
    only_conversion = GroupTerms(group_id=1, symbols="USDCHF", bid_markup=10)
    desk = Desk(only_conversion, currency="CHF", conversion_prices=prices).hold(LONG)
    assert desk.profits == [pytest.approx(profit)]
    desk.replace_terms()
    assert desk.profits == [pytest.approx(90)]


def test_a_leverage_cap_of_the_group_raises_the_margin() -> None:
    desk = Desk(terms(1, leverage_cap=50)).hold(LONG)
    assert desk.margin == 2200
    desk.replace_terms(terms(1, leverage_cap=20))
    assert desk.margin == 5500
    desk.move_to(2)
    assert desk.margin == 1100


def test_positions_move_with_changed_terms_and_with_the_account() -> None:
    desk = Desk(terms(1, bid_markup=4)).hold(LONG, SHORT)
    desk.replace_terms(terms(1, bid_markup=7))
    assert desk.profits == [93, -110]
    desk.quote("EURUSD", 1.102, 1.1021)
    assert desk.profits == [193, -210]
    desk.move_to(2)
    assert desk.profits == [200, -210]
    assert desk.book.take_regrouped() == {7}
    assert not desk.book.take_regrouped()
    assert round(summarize_book(desk.book)[2]["floating"], 6) == -10
