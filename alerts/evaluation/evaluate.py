"""Brings all alerts up to the newest quote, one window and transaction at a time.

A task is only a wake-up: new batches are read from the tick log, from the AlertCheckpoint
on. So a lost, repeated or late task changes nothing, and if a worker dies, the next one
evaluates whatever was not committed once more from the same quotes.
"""

from itertools import islice

from alerts.conditions import Firing, evaluate_quotes, wake_prices
from alerts.enums import AlertStatus
from alerts.evaluation import firing, published_levels, queries
from alerts.evaluation.alert_price_views import AlertPriceViews, wait_for_any_quote
from alerts.evaluation.lag import LAG
from alerts.evaluation.wake_levels import WakeLevels
from alerts.evaluation.window import QuoteRun, QuoteWindow
from alerts.models import Alert, AlertCheckpoint
from core import postgresql
from core.clock import now
from core.locks import transactional
from market.group_quotes import SeenPrices
from market.models import Symbol
from market.quotes import tick_log

BATCHES_PER_WINDOW = 400  # half a minute of the tick log


def evaluate_new_batches() -> None:
    """Evaluate windows until no batch is left; return at once if another worker does so.

    That worker checks for newer batches after it has released the checkpoint, so it finds
    everything that was published before.
    """
    while (reached := evaluate_window()) is not None:
        LAG.record(reached)
        if tick_log.newest_batch_number() <= reached:
            return


@transactional
def evaluate_window() -> int | None:
    """Evaluate one window; return the last batch read, or None if another worker is active."""
    checkpoint = queries.lock_checkpoint()
    if checkpoint is None:
        return None
    change = published_levels.read_change()
    prices = AlertPriceViews(checkpoint.markups, change)
    # Before the tick log is read: alerts written later belong to the next run.
    unevaluated = queries.load_unevaluated_alerts() + _load_recompiled(prices, checkpoint)
    evaluated_to = min(
        [tick_log.last_seq_no(checkpoint.batch), *(alert.seen for alert in unevaluated)]
    )
    first_batch = max(tick_log.batch_of(evaluated_to + 1) - 1, 0)
    batches = list(islice(tick_log.read_batches_after(first_batch), BATCHES_PER_WINDOW))
    reached = batches[-1].number if batches else checkpoint.batch
    window, wake_levels = QuoteWindow(batches), WakeLevels(checkpoint.quiet)
    wake_levels.follow_sums(wanted=prices.has_spreads)
    ranges = window.price_ranges(tick_log.last_seq_no(checkpoint.batch), sums=prices.has_spreads)
    crossed = wake_levels.crossed(ranges)
    due = {alert.pk: alert for alert in queries.load_due_alerts(crossed)}
    for alert in unevaluated:
        due.pop(alert.pk, None)
    prices.load_groups([*due.values(), *unevaluated])
    evaluation = _Evaluation(window, prices, checkpoint.batch, reached)
    outcomes = evaluation.evaluate_changed(list(due.values()), unevaluated)
    firing.persist_outcomes(outcomes)
    wake_levels.replace(queries.load_nearest_levels(crossed))
    wake_levels.narrow(unevaluated)
    _save_checkpoint(checkpoint, reached, wake_levels, prices.as_json())
    if not any(alert.fresh for alert in unevaluated):
        published_levels.publish_after_commit(change, checkpoint.batch, wake_levels)
    if not outcomes:  # a checkpoint lost in a crash is only evaluated once more
        postgresql.commit_asynchronously()
    return reached


def _load_recompiled(prices: AlertPriceViews, checkpoint: AlertCheckpoint) -> list[Alert]:
    """Load the alerts whose accounts see other prices than when their levels were compiled.

    They go on from the checkpoint, as unevaluated ones: each quote is compared once, by the old
    prices or by the new ones.
    """
    alerts = queries.load_alerts_seen_otherwise(prices.changed)
    wait_for_any_quote(alerts, tick_log.last_seq_no(checkpoint.batch))
    return alerts


def _save_checkpoint(
    checkpoint: AlertCheckpoint, reached: int, wake_levels: WakeLevels, markups: str
) -> None:
    """Store the checkpoint, the wake levels and the mark-ups, if any of them changed."""
    if reached <= checkpoint.batch and not wake_levels.changed and markups == checkpoint.markups:
        return
    checkpoint.batch = max(checkpoint.batch, reached)
    columns = ["batch"]
    if wake_levels.changed:
        checkpoint.quiet = wake_levels.as_json()
        columns.append("quiet")
    if markups != checkpoint.markups:
        checkpoint.markups = markups
        columns.append("markups")
    checkpoint.save(update_fields=columns)


class _Evaluation:
    """One window, up to batch `reached`, after the checkpoint's batch."""

    def __init__(
        self, window: QuoteWindow, prices: AlertPriceViews, checkpoint: int, reached: int
    ) -> None:
        self._window, self._prices = window, prices
        self._checkpoint, self._reached = checkpoint, reached

    def evaluate_changed(
        self, due: list[Alert], unevaluated: list[Alert]
    ) -> list[tuple[Alert, list[Firing]]]:
        """Evaluate the due and the unevaluated alerts; return those that changed, with firings.

        Due alerts are evaluated on the quotes after the checkpoint, unevaluated ones on those
        after their own last sequence number.
        """
        changed = []
        timeouts = (
            dict(Symbol.objects.values_list("name", "quote_timeout")) if unevaluated or due else {}
        )
        last = tick_log.last_seq_no(self._reached)
        for alert in due:
            before = alert.evaluated_state()
            seen = tick_log.last_seq_no(self._checkpoint)
            firings = self._evaluate(alert, seen, timeouts[alert.symbol_id])
            if firings or alert.evaluated_state() != before:
                changed.append((alert, firings))
        for alert in unevaluated:
            if alert.seen > last:
                continue  # its first quote is still to come
            firings = self._evaluate(alert, alert.seen, timeouts[alert.symbol_id])
            alert.seen, alert.fresh = last, self._reached < self._checkpoint
            changed.append((alert, firings))
        return changed

    def _evaluate(self, alert: Alert, seen: int, quote_timeout: int) -> list[Firing]:
        """Evaluate the alert on the quotes after `seen` as its account sees them."""
        view = self._prices.view_of(alert)
        run = self._window.quote_run(alert.symbol_id, alert.side, seen, view)
        if run.last is None and (self._prices.were_ever_marked_up or alert.watched is not None):
            alert.wait_for_any_quote()  # its levels may be those of other terms
        return evaluate_alert(alert, run, quote_timeout, view)


def evaluate_alert(
    alert: Alert, run: QuoteRun, quote_timeout: int, view: SeenPrices | None
) -> list[Firing]:
    """Update the alert to its state after the quote run; return its firings in order."""
    state = alert.condition_state(quote_timeout)
    firings, after = evaluate_quotes(state, run.previous, run.quotes)
    alert.status, alert.armed = int(after.status), after.armed
    alert.rests_until = after.rests_until
    if firings or after.status != AlertStatus.ACTIVE:
        alert.updated_at = now()
    if firings:
        alert.record_firing(firings[-1])
    if after.status == AlertStatus.ACTIVE and run.last is not None:
        last = run.last
        alert.set_wake_prices(wake_prices(after, last.price, last.second), view)
    return firings
