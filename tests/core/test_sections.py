"""What apps declare in their `apps.py`, and the system check of these paths."""

import pytest
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured

import config.urls  # noqa: F401 - before a test breaks a path that it reads while imported
from alerts.apps import AlertsConfig
from core import sections
from core.sections import CONTRIBUTIONS, list_configs, load_contributions, load_items
from trading import checkpoints
from trading.apps import TradingConfig


def errors() -> list[tuple[str, str]]:
    found = [(str(message.id), message.msg) for message in run_checks()]
    return [(key, words) for key, words in found if key.startswith("sections.")]


def test_every_declared_path_exists() -> None:
    assert errors() == []


@pytest.mark.parametrize("name", CONTRIBUTIONS)
def test_every_kind_of_contribution_is_declared_by_an_app(name: str) -> None:
    assert load_contributions(name)


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("trading.nowhere.urlpatterns", "No module named 'trading.nowhere'"),
        ("trading.api.urls.nothing", 'does not define a "nothing"'),
        ("trading", "doesn't look like a module path"),
    ],
)
def test_a_path_to_nothing_is_an_error_with_section_attribute_and_path(
    monkeypatch: pytest.MonkeyPatch, path: str, reason: str
) -> None:
    monkeypatch.setattr(TradingConfig, "urls", path)
    [(key, words)] = errors()
    assert key == "sections.E001"
    assert words.startswith(f"trading.apps.TradingConfig.urls = '{path}': ")
    assert reason in words
    with pytest.raises(ImproperlyConfigured, match=r"trading\.apps\.TradingConfig\.urls"):
        load_items("urls")


def test_a_misspelt_attribute_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(AlertsConfig, "panel", "alerts.backoffice.panels.PANELS", raising=False)
    assert errors() == [("sections.E002", "alerts.apps.AlertsConfig.panel: nobody asks for it")]


def test_an_installed_app_that_is_not_listed_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    listed = [path for path in sections.SECTION_CONFIGS if not path.startswith("scripts")]
    monkeypatch.setattr(sections, "SECTION_CONFIGS", tuple(listed))
    words = "scripts.apps.ScriptsConfig is not both installed and listed"
    assert errors() == [("sections.E003", words)]


def test_contributions_are_loaded_in_the_order_of_the_sections() -> None:
    names = [config.name for config in list_configs()]
    assert names[: len(sections.SECTIONS)] == list(sections.SECTIONS)
    assert load_contributions("checkpoints")[0] is checkpoints.highest
