"""Brings all alerts up to the newest quote, one window and transaction at a time.

A task is only a wake-up: new batches are read from the tick log, from the AlertCheckpoint
on. So a lost, repeated or late task changes nothing, and if a worker dies, the next one
evaluates whatever was not committed once more from the same quotes.
"""

from itertools import islice

from alerts.conditions import Firing, evaluate_quotes, wake_prices
from alerts.enums import AlertStatus
from alerts.evaluation import firing, published_levels, queries
from alerts.evaluation.lag import LAG
from alerts.evaluation.wake_levels import WakeLevels
from alerts.evaluation.window import QuoteRun, QuoteWindow
from alerts.models import Alert, AlertCheckpoint
from core import postgresql
from core.clock import now
from core.locks import transactional
from market.models import Symbol
from market.quotes import tick_log
from market.quotes.quote_ranges import PriceRange

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
    # Before the tick log is read: alerts written later belong to the next run.
    unevaluated = queries.load_unevaluated_alerts()
    evaluated_to = min(
        [tick_log.last_seq_no(checkpoint.batch), *(alert.seen for alert in unevaluated)]
    )
    first_batch = max(tick_log.batch_of(evaluated_to + 1) - 1, 0)
    batches = list(islice(tick_log.read_batches_after(first_batch), BATCHES_PER_WINDOW))
    reached = batches[-1].number if batches else checkpoint.batch
    window, wake_levels = QuoteWindow(batches), WakeLevels(checkpoint.quiet)
    crossed = wake_levels.crossed(window.price_ranges(tick_log.last_seq_no(checkpoint.batch)))
    outcomes = _evaluate_changed(window, crossed, checkpoint.batch, reached, unevaluated)
    firing.persist_outcomes(outcomes)
    wake_levels.replace(queries.load_nearest_levels(crossed))
    wake_levels.narrow(unevaluated)
    _save_checkpoint(checkpoint, reached, wake_levels)
    if not any(alert.fresh for alert in unevaluated):
        published_levels.publish_after_commit(change, checkpoint.batch, wake_levels)
    if not outcomes:  # a checkpoint lost in a crash is only evaluated once more
        postgresql.commit_asynchronously()
    return reached


def _save_checkpoint(checkpoint: AlertCheckpoint, reached: int, wake_levels: WakeLevels) -> None:
    """Store the checkpoint and the wake levels, if either changed."""
    if reached <= checkpoint.batch and not wake_levels.changed:
        return
    checkpoint.batch = max(checkpoint.batch, reached)
    columns = ["batch"]
    if wake_levels.changed:
        checkpoint.quiet = wake_levels.as_json()
        columns.append("quiet")
    checkpoint.save(update_fields=columns)


def _evaluate_changed(
    window: QuoteWindow,
    crossed: list[PriceRange],
    checkpoint: int,
    reached: int,
    unevaluated: list[Alert],
) -> list[tuple[Alert, list[Firing]]]:
    """Evaluate the due and the unevaluated alerts; return those that changed, with firings.

    Due alerts are evaluated on the quotes after batch `checkpoint`, unevaluated ones on
    those after their own last sequence number, both up to batch `reached`.
    """
    changed = []
    due = {alert.pk: alert for alert in queries.load_due_alerts(crossed)}
    timeouts = (
        dict(Symbol.objects.values_list("name", "quote_timeout")) if unevaluated or due else {}
    )
    for alert in due.values():
        run = window.quote_run(alert.symbol_id, alert.side, tick_log.last_seq_no(checkpoint))
        before = alert.evaluated_state()
        firings = evaluate_alert(alert, run, timeouts[alert.symbol_id])
        if firings or alert.evaluated_state() != before:
            changed.append((alert, firings))
    for alert in unevaluated:
        if alert.seen > tick_log.last_seq_no(reached):
            continue  # its first quote is still to come
        run = window.quote_run(alert.symbol_id, alert.side, alert.seen)
        firings = evaluate_alert(alert, run, timeouts[alert.symbol_id])
        alert.seen, alert.fresh = tick_log.last_seq_no(reached), reached < checkpoint
        changed.append((alert, firings))
    return changed


def evaluate_alert(alert: Alert, run: QuoteRun, quote_timeout: int) -> list[Firing]:
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
        alert.wake_up, alert.wake_down = wake_prices(after, last.price, last.second)
    return firings
