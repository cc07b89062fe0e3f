"""The data of the REST bench: 100 symbols, one account with 50 positions, 20,000 others."""

import itertools
import random

from accounts.models import Account
from core.clock import now
from market.models import Symbol
from tests import factories
from tests.tools.bench.rig import READER
from trading.enums import State
from trading.models import Trade

CURRENCIES = ("EUR", "USD", "JPY", "GBP", "CHF", "AUD", "NZD", "CAD", "SEK", "NOK", "PLN")
SYMBOLS, OPEN, OTHERS = 100, 50, 20_000


def write_rows() -> None:
    """Write everything."""
    chance = random.Random(1)
    group = factories.group("bench", leverage=500)
    pairs = list(itertools.permutations(CURRENCIES, 2))
    pairs.sort(key=lambda pair: "USD" not in pair)  # so that everything converts to dollars
    symbols = [factories.symbol(a + b) for a, b in pairs[:SYMBOLS]]
    accounts = [factories.client(READER + n, group, "1000000") for n in range(20)]
    publish_quotes(symbols)
    for number in range(OPEN):
        trades = [random_position(accounts[0], symbols[number % SYMBOLS], chance)]
        Trade.objects.bulk_create(trades)
    others = (
        random_position(accounts[2 + n % 18], chance.choice(symbols), chance, State.CLOSED)
        for n in range(OTHERS)
    )
    Trade.objects.bulk_create(others, batch_size=2000)


def publish_quotes(symbols: list[Symbol]) -> None:
    """Publish one quote of each symbol."""
    factories.publish(*((symbol.name, 1.1, 1.1001) for symbol in symbols))


def random_position(
    account: Account, symbol: Symbol, chance: random.Random, state: State = State.OPEN
) -> Trade:
    """Return a trade around the price, open or closed."""
    return Trade(
        account=account,
        symbol=symbol,
        cmd=chance.randrange(2),
        state=state,
        volume=chance.randrange(1, 100),
        open_time=now(),
        close_time=now() if state == State.CLOSED else 0,
        open_price=round(1.1 + chance.uniform(-0.01, 0.01), 5),
        digits=5,
        comment="bench",
    )
