"""The tables of trading."""

from trading.models.checkpoint import EngineCheckpoint
from trading.models.stored_evidence import Fill, MarginAction
from trading.models.swap_night import Rollover, SwapCharge
from trading.models.trade import Trade

__all__ = ["EngineCheckpoint", "Fill", "MarginAction", "Rollover", "SwapCharge", "Trade"]
