"""A small market with random groups and accounts in memory, for the tests of the risk book."""

from dataclasses import dataclass, field
from decimal import Decimal as D
from random import Random

from accounts.enums import (
    Conversion,
    ConversionPrices,
    FloatingMode,
    HedgeMargin,
    HedgePrice,
    LevelUnit,
    RateMode,
)
from accounts.models import Account, Group
from market.catalog import Catalog
from market.conversion import Converter
from market.enums import MarginMode, ProfitMode
from market.models import GroupTerms, Symbol
from market.quotes.quote import Quote
from market.quotes.tick_log import Tick
from market.terms.terms_table import TermsTable
from trading.book_updates import AccountUpdate, OrderUpdate
from trading.engine.risk.risk_book import RiskBook
from trading.engine.risk.scan import RiskScan
from trading.enums import Cmd, LevelType
from trading.valuation.account import Figures, Valuation
from trading.valuation.positions import Position

PRICES = {
    "EURUSD": 1.1, "GBPUSD": 1.3, "USDJPY": 150.0, "EURJPY": 165.0, "USDCHF": 0.9,
    "DAX": 18000.0, "GOLD": 2300.0, "SP": 5000.0, "OIL": 80.0,
}  # fmt: skip


def currency_pair(name: str, **more: object) -> Symbol:
    known = {"currency": name[:3], "quote_currency": name[3:], "margin_currency": name[:3]}
    return Symbol(name=name, contract_size=D(100_000), **{**known, **more})


def cfd(name: str, quote: str, mode: MarginMode, **more: object) -> Symbol:
    currencies = dict.fromkeys(("currency", "quote_currency", "margin_currency"), quote)
    known = {"profit_mode": ProfitMode.CFD, "contract_size": D(10), **currencies}
    return Symbol(name=name, margin_mode=mode, **{**known, **more})


def all_symbols() -> list[Symbol]:
    """Return symbols of every margin mode, with tiers, tick values and chained currencies."""
    ticks = {"tick_size": D("0.25"), "tick_value": D("12.5")}
    return [
        currency_pair("EURUSD", leverage_tiers=[[2, 50], [5, 20], [None, 10]]),
        currency_pair("GBPUSD", margin_hedged=D(50_000)),
        currency_pair("USDJPY", digits=3),
        currency_pair("EURJPY", digits=2, margin_divider=D("1.5")),
        currency_pair("USDCHF"),
        cfd("DAX", "EUR", MarginMode.CFD_LEVERAGE, digits=0, leverage_tiers=[[1, 50], [None, 5]]),
        cfd("GOLD", "USD", MarginMode.CFD, digits=2, margin_divider=D("0.0333333")),
        cfd("SP", "USD", MarginMode.CFD_INDEX, margin_divider=D("0.05"), **ticks),
        cfd("OIL", "USD", MarginMode.FUTURES, profit_mode=ProfitMode.FUTURES,
            margin_initial=D(900), margin_hedged=D(5), **ticks),
    ]  # fmt: skip


def random_group(chance: Random, number: int) -> Group:
    return Group(
        pk=number,
        name=str(number),
        currency=chance.choice(["USD", "EUR", "JPY", "CHF"]),
        margin_mode=chance.choice(list(FloatingMode)),
        margin_rate_mode=chance.choice(list(RateMode)),
        hedge_margin=chance.choice(list(HedgeMargin)),
        hedge_price=chance.choice(list(HedgePrice)),
        conversion=chance.choice(list(Conversion)),
        conversion_prices=chance.choice(list(ConversionPrices)),
        margin_type=chance.choice(list(LevelUnit)),
        margin_call=D(chance.choice([80, 100, 150])),
        margin_call_recovery=D(chance.choice([0, 5, 40])),
        margin_stopout=D(chance.choice([0, 30, 50])),
        stopout_skip_hedged=chance.random() < 0.3,
    )


def random_terms(chance: Random, group: int) -> list[GroupTerms]:
    """Return terms of the group: mark-ups, fixed spreads and leverage caps, or none."""
    entries = []
    for name in chance.sample(list(PRICES), chance.choice((0, 0, 4, 7))):
        entry = GroupTerms(group_id=group, symbols=name)
        entry.leverage_cap = chance.choice((None, None, 20, 400))
        if chance.random() < 0.4:
            entry.spread = chance.randint(0, 60)
        else:
            entry.bid_markup, entry.ask_markup = chance.randint(0, 30), chance.randint(0, 30)
        entries.append(entry)
    return entries


SYMBOLS = {symbol.name: symbol for symbol in all_symbols()}  # which no test changes
CONVERTER = Converter(SYMBOLS.values())


@dataclass
class HeldQuotes:
    """The processed quotes, to be seen by the terms of the catalog."""

    ticks: dict[str, Tick]
    catalog: Catalog

    def get(self, symbol: str) -> Quote | None:
        tick = self.ticks.get(symbol)
        return None if tick is None else tick.to_quote()


def has_call_ended(account: Account, figures: Figures) -> bool:
    """Return whether a margin call ends at these figures, by plain arithmetic."""
    group = account.group
    if figures.level is None:
        return True
    if group.margin_type == LevelUnit.PERCENT:
        far = figures.level >= group.margin_call + group.margin_call_recovery
    else:
        base = figures.margin_free + figures.margin
        far = base * 100 >= group.margin_call * (100 + group.margin_call_recovery)
    return far and figures.level_type is LevelType.OK


@dataclass
class RiskWorld:
    """Random accounts, the risk book fed with them, and their figures by Decimal."""

    chance: Random
    groups: dict[int, Group] = field(default_factory=dict)
    accounts: dict[int, Account] = field(default_factory=dict)
    positions: dict[int, dict[int, Position]] = field(default_factory=dict)
    quotes: dict[str, Tick] = field(default_factory=dict)
    number: int = 0
    quoted: bool = True

    def __post_init__(self) -> None:
        self.symbols, self.converter = SYMBOLS, CONVERTER
        self.groups = {n: random_group(self.chance, n) for n in range(1, 6)}
        self.catalog = self.random_catalog()
        self.book = RiskBook(self.catalog, self.groups)
        self.look = RiskScan(self.book)
        for name in PRICES if self.quoted else ():
            self.process([self.tick(name)])

    def random_catalog(self) -> Catalog:
        entries = [entry for number in self.groups for entry in random_terms(self.chance, number)]
        return Catalog(self.symbols, self.converter, TermsTable(entries))

    def replace_terms(self) -> None:
        """Give the groups other terms."""
        self.catalog = self.random_catalog()
        if self.book.apply_settings(self.catalog, self.groups):
            self.look = RiskScan(self.book)
            self.look.revalue_all()

    def move_account(self, login: int) -> None:
        """Move an account into any group."""
        account = self.accounts[login]
        account.group = self.chance.choice(list(self.groups.values()))
        self.book.apply_account(AccountUpdate.of_account(account))

    def tick(self, name: str, spread: float = 0.02) -> Tick:
        """Return the symbol's next quote, around its price."""
        self.number += 1
        bid = round(PRICES[name] * self.chance.uniform(1 - spread, 1 + spread), 5)
        ask = round(bid * self.chance.uniform(1.00002, 1.0005), 5)
        return Tick(name, bid, ask, self.number, self.number, self.number)

    def process(self, ticks: list[Tick]) -> set[int]:
        """Return logins that the batch may concern, with the book at the batch's end."""
        found = {self.book.accounts.updates[place].login for place in self.look.scan_batch(ticks)}
        for tick in ticks:
            self.look.advance(tick)
            self.quotes[tick.symbol] = tick
        return found

    def add_account(self, login: int, *, called: bool = False) -> None:
        group = self.chance.choice(list(self.groups.values()))
        account = Account(
            user_id=login, group=group, leverage=self.chance.choice([1, 30, 100, 500]),
            balance=D(self.chance.randrange(-500_000, 50_000_000)) / 100,
            credit=D(self.chance.choice([0, 0, 50_000])) / 100, margin_called=called,
        )  # fmt: skip
        self.accounts[login], self.positions[login] = account, {}
        self.book.apply_account(AccountUpdate.of_account(account))

    def add_position(self, order: int, login: int) -> None:
        """Open a position, or change the one with this order."""
        name = self.chance.choice(list(PRICES))
        price = D(str(round(PRICES[name] * self.chance.uniform(0.97, 1.03), 5)))
        direction = self.chance.choice([1, -1])
        volume = self.chance.choice([1, 10, 50, 137, 400])
        costs = D(self.chance.randrange(-5000, 1000)) / 100
        rate = D(str(round(self.chance.uniform(0.5, 2), 12)))
        position = Position(
            order, self.symbols[name], direction, volume, price, costs, D(0), rate
        )  # fmt: skip
        self.positions[login][order] = position
        self.book.apply_order(row_of(position, login))

    def close(self, order: int, login: int) -> None:
        position = self.positions[login].pop(order)
        self.book.apply_order(row_of(position, login, live=False))

    def figures(self, login: int) -> Figures:
        """Return the account's figures by `trading.valuation.account`, at the processed quotes."""
        valuation, group = self.valuation(login), self.accounts[login].group_id
        return valuation.figures(
            one._replace(instrument=self.catalog.terms.instrument(group, one.instrument))
            for one in self.positions[login].values()
        )

    def valuation(self, login: int) -> Valuation:
        quotes = HeldQuotes(self.quotes, self.catalog)
        return Valuation(self.accounts[login], self.converter, quotes, strict=True)


def row_of(position: Position, login: int, *, live: bool = True) -> OrderUpdate:
    return OrderUpdate(
        order=position.order, login=login, symbol=position.instrument.name,
        cmd=Cmd.BUY if position.direction > 0 else Cmd.SELL, live=live, revision=1,
        price=float(position.open_price), sl=0.0, tp=0.0, expiration=0, seen=0, sl_seen=0,
        tp_seen=0, volume=position.volume, costs=float(position.commission + position.storage),
        margin_rate=float(position.margin_rate),
    )  # fmt: skip


def random_world(seed: int, accounts: int = 8, positions: int = 40) -> RiskWorld:
    """Return accounts of all kinds with positions, some changed and closed again."""
    world = RiskWorld(Random(seed))
    logins = range(1, accounts + 1)
    for login in logins:
        world.add_account(login, called=world.chance.random() < 0.3)
    for order in range(1, positions + 1):
        world.add_position(order, world.chance.choice(logins))
    for login in logins:
        for order in list(world.positions[login])[::4]:
            world.close(order, login)
        for order in list(world.positions[login])[::3]:
            world.add_position(order, login)
    return world
