"""Changes of a symbol's price over a week, some months and the year to date."""

from calendar import monthrange
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from core.clock import now
from core.money import round_amount
from market.models import Candle, Symbol
from market.quotes.quote import Quote

MONTHS = {"1M": 1, "3M": 3, "6M": 6, "1Y": 12}
PERIODS = ("1W", "1M", "3M", "6M", "YTD", "1Y")


def price_changes(symbol: Symbol, quote: Quote | None) -> dict[str, Decimal | None]:
    """Return the bid's change in percent against the daily close at each period's start.

    None without a quote, and where no day had ended by then.
    """
    begins = period_begins(datetime.fromtimestamp(now(), tz=UTC))
    closes = Candle.objects.daily_closes(symbol.name, begins)
    return {name: percent_change(quote, closes.get(name)) for name in PERIODS}


def percent_change(quote: Quote | None, close: Decimal | None) -> Decimal | None:
    """Return percent to two decimals, None where one of the two prices is unknown."""
    if quote is None or not close:
        return None
    return round_amount((quote.bid - close) / close * 100, 2)


def period_begins(moment: datetime) -> dict[str, int]:
    """Return the start of each period that ends at `moment`, in unix seconds."""
    begins = {name: months_before(moment, months) for name, months in MONTHS.items()}
    begins["1W"] = moment - timedelta(weeks=1)
    begins["YTD"] = datetime(moment.year, 1, 1, tzinfo=UTC)
    return {name: int(begin.timestamp()) for name, begin in begins.items()}


def months_before(moment: datetime, months: int) -> datetime:
    """Return the same day and time of an earlier month, or that month's last day."""
    year, month = divmod(moment.year * 12 + moment.month - 1 - months, 12)
    last_day = monthrange(year, month + 1)[1]
    return moment.replace(year=year, month=month + 1, day=min(moment.day, last_day))
