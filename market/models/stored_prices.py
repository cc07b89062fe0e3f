"""Stored prices: the newest quotes, and candles."""

from django.db import models

from core.fields import PriceField
from market import enums
from market.models.symbol import Symbol
from market.querysets import CandleQuerySet


class LastQuote(models.Model):
    """The newest quote of a symbol, stored where it survives Redis; written once a second."""

    symbol = models.OneToOneField(
        Symbol, models.CASCADE, primary_key=True, db_column="symbol", related_name="last_quote"
    )
    bid = PriceField()
    ask = PriceField()
    time = models.BigIntegerField("the source's time, unix ms")
    received = models.BigIntegerField("time of receipt, unix ms")
    number = models.BigIntegerField("number in the order of receipt")

    def __str__(self) -> str:
        return f"{self.symbol_id} {self.bid}/{self.ask}"


class Candle(models.Model):
    """Bid prices of one half-open interval [time, time + resolution)."""

    pk = models.CompositePrimaryKey("symbol", "resolution", "time")
    symbol = models.ForeignKey(
        Symbol, models.CASCADE, db_column="symbol", related_name="+", db_index=False
    )
    resolution = models.IntegerField(choices=enums.Resolution)
    time = models.BigIntegerField("begin, unix seconds")
    open = PriceField()
    high = PriceField()
    low = PriceField()
    close = PriceField()
    volume = models.BigIntegerField("number of quotes", default=0)

    objects = CandleQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.symbol_id} {self.resolution} {self.time}"


class CandleCheckpoint(models.Model):
    """One row: the batch of the tick log up to which the stored candles are complete."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    batch = models.BigIntegerField(default=0)

    class Meta:
        db_table = "market_candleplace"  # as it was created

    def __str__(self) -> str:
        return f"candles up to batch {self.batch}"
