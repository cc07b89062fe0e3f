"""The Grafana dashboard and the alert rules name existing metrics."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

DOCKER = Path(settings.BASE_DIR) / "docker"
NAME = re.compile(r"\bbroker_[a-z_]+")
SUFFIXES = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count")}


def dashboard() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((DOCKER / "grafana-dashboard.json").read_text())
    return found


def rules() -> list[dict[str, Any]]:
    (group,) = yaml.safe_load((DOCKER / "prometheus-rules.yml").read_text())["groups"]
    found: list[dict[str, Any]] = group["rules"]
    return found


def expressions() -> Iterator[str]:
    for panel in dashboard()["panels"]:
        yield from (target["expr"] for target in panel["targets"])
    yield from (rule["expr"] for rule in rules())


def exposed_metrics() -> dict[str, set[str]]:
    """Return every name that a query can use, with the labels of its samples."""
    found: dict[str, set[str]] = {}
    text = Client().get("/metrics").content.decode()
    for family in text_string_to_metric_families(text):
        for suffix in SUFFIXES.get(family.type, ("",)):
            found[family.name + suffix] = {n for s in family.samples for n in s.labels}
    return found


def test_every_metric_that_dashboard_and_rules_name_exists(db: None) -> None:
    known = exposed_metrics()
    named = {name for expression in expressions() for name in NAME.findall(expression)}
    assert len(named) > 20
    assert named - known.keys() == set()


def test_every_metric_is_on_the_dashboard(db: None) -> None:
    shown = set(NAME.findall(json.dumps(dashboard())))
    ours = {
        name for name in exposed_metrics() if name.startswith("broker_")
    }  # other tests count as well
    unshown = {name for name in ours - shown if not name.startswith("broker_build")}
    assert len(ours) > 20
    assert unshown <= {"broker_scrape_ok"}


@pytest.mark.parametrize("expression", sorted(set(expressions())))
def test_every_expressions_brackets_are_balanced(expression: str) -> None:
    for opening, closing in ("()", "{}", "[]"):
        assert expression.count(opening) == expression.count(closing)
    assert expression.count('"') % 2 == 0


def test_panels_do_not_overlap_and_have_a_title_each() -> None:
    panels = dashboard()["panels"]
    places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in panels]
    assert len(set(places)) == len(panels) == len({panel["title"] for panel in panels})
    assert all(panel["gridPos"]["x"] + panel["gridPos"]["w"] <= 24 for panel in panels)


def test_every_rule_has_a_severity_a_summary_and_a_duration() -> None:
    for rule in rules():
        assert rule["labels"]["severity"] in ("page", "warning")
        assert rule["annotations"]["summary"].endswith(".")
        assert re.fullmatch(r"\d+[sm]", rule["for"])
    assert len({rule["alert"] for rule in rules()}) == len(rules())


def test_prometheus_loads_the_rules_and_scrapes_with_the_token() -> None:
    found = yaml.safe_load((DOCKER / "prometheus.yml").read_text())
    assert [(DOCKER / name).is_file() for name in found["rule_files"]] == [True]
    (job,) = found["scrape_configs"]
    assert job["job_name"] == "broker"
    assert job["metrics_path"] == "/metrics"
    assert job["authorization"]["type"] == "Bearer"
