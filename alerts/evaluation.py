"""Brings all alerts up to the newest quote, one window and transaction at a time.

A task is only a wake-up: new batches are read from the tick log, from the AlertCheckpoint
on. So a lost, repeated or late task changes nothing, and if a worker dies, the next one
evaluates whatever was not committed once more from the same quotes.
"""

from itertools import islice

from alerts import claims, evaluation_queries
from alerts.conditions import Firing, wake, walk
from alerts.enums import Status
from alerts.lag import LAG
from alerts.models import Alert, AlertPlace
from alerts.quiet import Quiet
from alerts.window import Course, Hull, Window
from core import postgresql
from core.clock import now
from core.locks import transactional
from market import path
from market.models import Symbol

BATCHES_AT_ONCE = 400  # half a minute of the tick log


def evaluate() -> None:
    """Evaluate windows until no batch is left; return at once if another worker does so.

    That worker checks for newer batches after it has released the checkpoint, so it finds
    everything that was published before.
    """
    while (reached := advance()) is not None:
        LAG.evaluated(reached)
        if path.newest() <= reached:
            return


@transactional
def advance() -> int | None:
    """Evaluate one window; return the last batch read, or None if another worker is active."""
    place = evaluation_queries.lock_checkpoint()
    if place is None:
        return None
    # Before the tick log is read: alerts written later belong to the next run.
    fresh = evaluation_queries.load_fresh_alerts()
    seen = min([path.last_seq_no(place.batch), *(alert.seen for alert in fresh)])
    begin = max(path.batch_of(seen + 1) - 1, 0)
    batches = list(islice(path.after(begin), BATCHES_AT_ONCE))
    reached = batches[-1].number if batches else place.batch
    window, quiet = Window(batches), Quiet(place.quiet)
    touched = quiet.touched(window.hulls(path.last_seq_no(place.batch)))
    outcomes = _followed(window, touched, place.batch, reached, fresh)
    claims.settle(outcomes)
    quiet.renew(evaluation_queries.load_nearest_levels(touched))
    quiet.narrow(fresh)
    _move(place, reached, quiet)
    if not outcomes:  # a checkpoint lost in a crash is only evaluated once more
        postgresql.commit_soon()
    return reached


def _move(place: AlertPlace, reached: int, quiet: Quiet) -> None:
    """Store the checkpoint and the wake levels, if either changed."""
    if reached <= place.batch and not quiet.changed:
        return
    place.batch = max(place.batch, reached)
    columns = ["batch"]
    if quiet.changed:
        place.quiet = quiet.stored()
        columns.append("quiet")
    place.save(update_fields=columns)


def _followed(
    window: Window, touched: list[Hull], place: int, reached: int, fresh: list[Alert]
) -> list[tuple[Alert, list[Firing]]]:
    """Evaluate the due and the unevaluated alerts; return those that changed, with firings.

    Due alerts are evaluated on the quotes after batch `checkpoint`, unevaluated ones on
    those after their own last sequence number, both up to batch `reached`.
    """
    changed = []
    woken = {alert.pk: alert for alert in evaluation_queries.load_woken_alerts(touched)}
    timeouts = dict(Symbol.objects.values_list("name", "quote_timeout")) if fresh or woken else {}
    for alert in woken.values():
        course = window.course(alert.symbol_id, alert.side, path.last_seq_no(place))
        before = alert.state()
        firings = follow(alert, course, timeouts[alert.symbol_id])
        if firings or alert.state() != before:
            changed.append((alert, firings))
    for alert in fresh:
        if alert.seen > path.last_seq_no(reached):
            continue  # its first quote is still to come
        course = window.course(alert.symbol_id, alert.side, alert.seen)
        firings = follow(alert, course, timeouts[alert.symbol_id])
        alert.seen, alert.fresh = path.last_seq_no(reached), reached < place
        changed.append((alert, firings))
    return changed


def follow(alert: Alert, course: Course, quote_timeout: int) -> list[Firing]:
    """Update the alert to its state after the quote run; return its firings in order."""
    watch = alert.watch(quote_timeout)
    firings, after = walk(watch, course.before, course.points)
    alert.status, alert.armed = int(after.status), after.armed
    alert.rests_until = after.rests_until
    if firings or after.status != Status.ACTIVE:
        alert.updated_at = now()
    if firings:
        alert.remember(firings[-1])
    if after.status == Status.ACTIVE and course.last is not None:
        last = course.last
        alert.wake_up, alert.wake_down = wake(after, last.price, last.second)
    return firings
