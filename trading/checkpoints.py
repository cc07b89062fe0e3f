"""The highest quote sequence number that the rows of this section have processed."""

from django.db.models import F, Max, Q
from django.db.models.functions import Greatest

from core.clock import DAY_S, now
from market.quotes.tick_log import last_seq_no
from trading.enums import State
from trading.models import EngineCheckpoint, Trade


def highest() -> int:
    """Return the highest sequence number that a trade or the engine has processed."""
    checkpoint = EngineCheckpoint.objects.aggregate(highest=Max("batch"))["highest"] or 0
    # A trade that was closed longer ago no longer holds its account off older quotes.
    recent = Q(state=State.OPEN) | Q(close_time__gte=now() - DAY_S)
    numbers = Greatest(F("seen"), F("sl_seen"), F("tp_seen"))
    seen = Trade.objects.filter(recent).aggregate(highest=Max(numbers))["highest"] or 0
    return max(last_seq_no(checkpoint), seen)
