"""Terms of the symbols with real ticks."""

from tests.trading.engine.brute.oracle import Terms

TERMS = {
    "EURUSD": Terms(6, 1000),
    "NZDUSD": Terms(6, 1000),
    "GBPUSD": Terms(6, 1000),
    "XAUUSD": Terms(4, 1),
}
