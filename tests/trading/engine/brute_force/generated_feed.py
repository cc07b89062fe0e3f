"""A generated feed of a few thousand quotes with everything that troubles triggers."""

from collections.abc import Iterator
from random import Random

from tests.trading.engine.brute_force.trigger_oracle import RawQuote, SymbolTerms

BEGIN = 1_700_000_000_000  # unix ms
TERMS = {
    "EURUSD": SymbolTerms(5, 1000),
    "GBPUSD": SymbolTerms(5, 1000),
    "USDJPY": SymbolTerms(3, 1000, inverse=True),
    "XAUUSD": SymbolTerms(2, 1),
}
START = {"EURUSD": 110_000, "GBPUSD": 125_000, "USDJPY": 150_000, "XAUUSD": 200_000}  # points
SPREAD = 12


def random_feed(chance: Random, count: int) -> list[RawQuote]:
    """Return the quotes of all symbols in the order of receipt; stalls end in a burst."""
    clocks = dict.fromkeys(TERMS, BEGIN)
    walks = {name: _random_walk(chance, name) for name in TERMS}
    quotes = [_raw(name, START[name], SPREAD, BEGIN) for name in TERMS]
    held: list[RawQuote] = []
    stalled = ""
    while len(quotes) + len(held) < count:
        name = chance.choice(list(TERMS))
        clocks[name] += chance.choice((0, 0, 1, 40, 250, 900, 4000))
        middle, spread = next(walks[name])
        (held if name == stalled else quotes).append(_raw(name, middle, spread, clocks[name]))
        if chance.random() < 0.01:  # what was held back arrives, later than its time
            quotes += held
            held, stalled = [], chance.choice(["", *TERMS])
    return quotes + held


def _random_walk(chance: Random, name: str) -> Iterator[tuple[int, int]]:
    """Yield bid and spread in points: steps, gaps, spikes, wide spreads, broken quotes."""
    bid, spread = START[name], SPREAD
    while True:
        fate = chance.random()
        if fate < 0.90:
            bid += chance.choice((-7, -3, -1, 0, 0, 1, 3, 7))
        elif fate < 0.93:
            bid += chance.choice((-1, 1)) * chance.randint(20, 90)
        elif fate < 0.96:
            yield bid + chance.choice((-1, 1)) * chance.randint(30, 120), spread
        elif fate < 0.98:
            spread = chance.choice((1, SPREAD, SPREAD, 60))
        elif fate < 0.99:
            yield bid + chance.randint(-100, 100), -chance.randint(0, 5)  # crossed
        elif fate < 0.995:
            yield round(bid * chance.choice((0.9, 1.1))), spread  # a jump that nothing confirms
        else:
            yield -bid, spread
        bid += (bid < START[name]) - (bid > START[name])  # so that it comes by again
        yield bid, spread


def _raw(name: str, bid: int, spread: int, time: int) -> RawQuote:
    digits = TERMS[name].digits
    return RawQuote(
        name, round(bid / 10**digits, digits), round((bid + spread) / 10**digits, digits), time
    )
