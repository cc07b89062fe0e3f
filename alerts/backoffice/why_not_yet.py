"""Why an alert has not fired: the prices since it was armed, what is missing, what hinders it."""

from collections.abc import Iterator, Sequence

from redis.exceptions import RedisError

from alerts.backoffice.alert_distance import (
    closest_approach,
    describe_condition,
    distance_to_fire,
    levels_of,
)
from alerts.backoffice.price_history import draw_price_history
from alerts.backoffice.watched_alert import WatchedAlert, load_watched_alert
from alerts.enums import NEEDS_PREVIOUS, AlertStatus, RepeatMode
from alerts.models import Alert
from backoffice.columns import format_duration, format_utc, format_utc_ms
from backoffice.widgets.content import Cell, Content, FigureList, Section, Table, Verdict
from core import heartbeats
from core.clock import now, now_ms
from market.backoffice.symbol_prices import format_points, format_symbol_price
from market.quotes.quote import Quote
from market.sessions.next_change import format_status, status_of_symbol

SLOW_EVALUATION = 10_000  # ms behind the quotes that are named
SILENCE_HEADERS = ("From (UTC)", "To (UTC)", "Why", "#Bid before", "#Bid after", "Level passed")


def alert_section(alert: Alert) -> Section:
    """Return what the alert waits for, what is missing, and what was in the way."""
    watched = load_watched_alert(alert)
    if alert.status == AlertStatus.TRIGGERED or watched.begin >= watched.end:
        return Section("State", [_verdict(alert, list(_state_sentences(watched)))])
    sentences = [
        *_state_sentences(watched),
        *_range_sentences(watched),
        *_price_sentences(watched),
        *_obstacles(watched),
    ]
    chart = draw_price_history(watched)
    title = "Why it has not fired yet" if alert.status == AlertStatus.ACTIVE else "State"
    contents: list[Content] = [
        _verdict(alert, sentences, list(_evaluation_sentences(alert))),
        FigureList(list(_figures(watched))),
    ]
    if chart:
        contents.append(chart)
    contents.append(_silence_table(watched))
    return Section(title, contents)


def _verdict(alert: Alert, sentences: list[str], internal: Sequence[str] = ()) -> Verdict:
    """Return the verdict; the client's text leaves out what is `internal`."""
    head = f"Alert {alert.pk}, account {alert.account_id}"
    return Verdict([*sentences, *internal], "\n".join([head, *sentences]))


def _state_sentences(watched: WatchedAlert) -> Iterator[str]:
    alert = watched.alert
    waits = describe_condition(alert, watched.state)
    last = _last_firing(alert)
    match alert.status:
        case AlertStatus.ACTIVE:
            yield f"It waits for {waits}.{last}"
        case AlertStatus.TRIGGERED:
            at = format_symbol_price(alert.triggered_price, alert.symbol_id)
            fired = format_utc(alert.triggered_at)
            yield f"It waited for {waits}, and fired on {fired} UTC at {at}."
        case AlertStatus.EXPIRED:
            ended = format_utc(alert.expires_at)
            yield f"It waited for {waits}, and expired on {ended} UTC without firing.{last}"
        case AlertStatus.DISABLED:
            yield f"It is disabled and does not fire: by its owner, or by the hourly limit.{last}"
        case _:
            yield f"It was deleted on {format_utc(alert.updated_at)} UTC and does not fire.{last}"


def _range_sentences(watched: WatchedAlert) -> Iterator[str]:
    """Yield how near the prices came since the alert was armed."""
    extremes, name = watched.extremes, watched.symbol.name
    since = f"Since {format_utc(watched.begin)} UTC"
    if extremes is None:
        yield f"{since} no quote of {name} is stored."
        return
    low, high = (format_symbol_price(one.price, name) for one in (extremes.low, extremes.high))
    about = "about " if watched.is_estimated else ""
    missing = closest_approach(watched.state, extremes.low.price, extremes.high.price)
    near = f"{about}{format_points(missing, name)} short of it" if missing else "and so reached it"
    yield (
        f"{since} the {watched.side} was between {about}{low} ({format_utc(extremes.low.time)}) "
        f"and {about}{high} ({format_utc(extremes.high.time)}), {near}."
    )


def _price_sentences(watched: WatchedAlert) -> Iterator[str]:
    """Yield the distance of the newest price."""
    if watched.alert.status != AlertStatus.ACTIVE or watched.price is None:
        return
    name = watched.symbol.name
    missing = distance_to_fire(watched.state, watched.price)
    start = f"Now the {watched.side} is {format_symbol_price(watched.price, name)}"
    if missing is None:
        yield f"{start}: it is past the level already, and has to come back before it can reach it."
    elif missing:
        yield f"{start}: {format_points(missing, name)} to go."
    else:
        yield f"{start}: the condition is met."


def _obstacles(watched: WatchedAlert) -> Iterator[str]:
    """Yield what keeps an active alert from firing though its price may be reached."""
    alert, symbol = watched.alert, watched.symbol
    for silence in watched.silences:
        if watched.passes_level(silence) and watched.state.condition in NEEDS_PREVIOUS:
            between = f"Between {format_utc(silence.begin)} and {format_utc(silence.end)} UTC"
            jump = "a jump over such a time is no crossing"
            yield f"{between} there was no quote, and the price passed the level: {jump}."
    if alert.status != AlertStatus.ACTIVE:
        return
    if alert.rests_until > now():
        yield f"It rests after its last firing until {format_utc(alert.rests_until)} UTC."
    if not alert.armed:
        yield "Its condition has been met since it fired: it fires again only after it was not met."
    quote = watched.quote
    if quote is None:
        yield f"There is no quote of {symbol.name}."
    elif now_ms() - quote.received > symbol.quote_timeout * 1000:
        age = format_duration(now_ms() - quote.received)
        market = format_status(status_of_symbol(symbol, now()), now())
        yield f"The last quote of {symbol.name} is {age} old; the market is {market}."


def _evaluation_sentences(alert: Alert) -> Iterator[str]:
    """Yield that alerts are not evaluated, or late: nothing for clients."""
    if alert.status != AlertStatus.ACTIVE:
        return
    try:
        workers = heartbeats.read_heartbeats().get("alerts", {})
    except RedisError:
        workers = {}
    lag = max((one["lag_ms"] for one in workers.values()), default=None)
    if lag is None:
        yield "No worker reports that it evaluates alerts: while none does, none fires."
    elif lag > SLOW_EVALUATION:
        yield f"Alerts are evaluated {format_duration(lag)} after their quotes at present."


def _figures(watched: WatchedAlert) -> Iterator[tuple[str, object]]:
    alert, name, quote = watched.alert, watched.symbol.name, watched.quote
    levels = dict.fromkeys(levels_of(watched.state))
    yield "Watches", f"{watched.side} of {name}"
    yield "Level", " to ".join(format_symbol_price(level, name) for level in levels)
    if (extremes := watched.extremes) is not None:
        yield "Highest", format_symbol_price(extremes.high.price, name)
        yield "Lowest", format_symbol_price(extremes.low.price, name)
    if quote is not None:
        yield "Bid / ask now", _format_quote(quote, name)
        if watched.view is not None:
            yield "Market's bid / ask now", _format_quote(quote.market, name)
        yield "Quote of (UTC)", format_utc_ms(quote.time)
    yield "Watches since (UTC)", format_utc(watched.begin)
    yield "Expires (UTC)", format_utc(alert.expires_at) if alert.expires_at else "never"
    if alert.repeat_mode == RepeatMode.REPEAT:
        yield "Cool-down", f"{alert.cooldown:,} s"


def _format_quote(quote: Quote, symbol: str) -> str:
    return " / ".join(format_symbol_price(at, symbol) for at in (quote.bid, quote.ask))


def _silence_table(watched: WatchedAlert) -> Table:
    """Return the times without quotes, newest first."""
    name = watched.symbol.name
    rows = [
        (
            format_utc(one.begin),
            format_utc(one.end) if one.after is not None else "now",
            Cell("outage", tone="bad") if one.is_outage else "market closed",
            format_symbol_price(one.before, name),
            format_symbol_price(one.after, name),
            "yes" if watched.passes_level(one) else "no",
        )
        for one in watched.silences
    ]
    return Table(
        SILENCE_HEADERS,
        rows,
        title="Times without quotes in its last seven days",
        empty="None longer than a minute.",
    )


def _last_firing(alert: Alert) -> str:
    fired = alert.triggered_at
    return f" It fired last on {format_utc(fired)} UTC." if fired else ""
