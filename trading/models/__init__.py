"""The tables of trading."""

from trading.models.checkpoint import EnginePlace
from trading.models.stored_evidence import Fill, MarginAction
from trading.models.swap_night import Rollover, SwapCharge
from trading.models.trade import Trade

__all__ = ["EnginePlace", "Fill", "MarginAction", "Rollover", "SwapCharge", "Trade"]
