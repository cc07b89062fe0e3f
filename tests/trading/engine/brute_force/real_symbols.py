"""Terms of the symbols with real ticks."""

from tests.trading.engine.brute_force.trigger_oracle import SymbolTerms

TERMS = {
    "EURUSD": SymbolTerms(6, 1000),
    "NZDUSD": SymbolTerms(6, 1000),
    "GBPUSD": SymbolTerms(6, 1000),
    "XAUUSD": SymbolTerms(4, 1),
}
