"""The statement that finds the alerts of a window goes by the partial indexes."""

from collections.abc import Callable

import pytest
from django.db import connection

from alerts.evaluation import queries, sql
from alerts.evaluation.window import QuoteWindow
from alerts.models import Alert
from market.quotes.tick_log import last_seq_no
from tests.alerts.small_feed import Feed

pytestmark = pytest.mark.django_db


def test_a_window_finds_its_alerts_by_partial_indexes(
    feed: Feed, alert: Callable[..., Alert]
) -> None:
    batch = feed.publish(1.09)
    pattern = alert()
    values = {f.attname: getattr(pattern, f.attname) for f in Alert._meta.fields if f.name != "id"}
    values["fresh"] = False
    Alert.objects.bulk_create(
        [Alert(**values | {"wake_up": 1.2 + i / 10_000}) for i in range(10_000)], batch_size=2000
    )
    hulls = list(QuoteWindow([batch]).price_ranges(last_seq_no(0)))
    assert len(hulls) == 2
    assert not list(queries.load_due_alerts(hulls))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE alerts_alert")
        columns = [list(column) for column in zip(*hulls, strict=True)]
        cursor.execute(f"EXPLAIN {sql.DUE.format(columns='a.id')}", columns)
        plan = "\n".join(line for (line,) in cursor.fetchall())
        cursor.execute(f"EXPLAIN {sql.NEAREST_LEVELS}", columns[:2])
        nearest = "\n".join(line for (line,) in cursor.fetchall())
    assert "alert_up" in plan
    assert "alert_down" in plan
    assert "alert_ends" in plan
    assert "alert_rests" in plan
    assert "Seq Scan on alerts_alert" not in plan
    for index in ("alert_up", "alert_down", "alert_ends", "alert_rests"):
        assert index in nearest
    assert "Seq Scan" not in nearest
    assert "Sort" not in nearest
