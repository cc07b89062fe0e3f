"""The sections, and what each of them and of the platform's apps contributes.

An app declares its contributions in its `apps.py`; the platform asks `load_contributions` and
imports no section. A system check resolves every declared path when a process starts.
"""

from typing import Any, ClassVar

from django.apps import AppConfig
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

SECTION_CONFIGS: tuple[str, ...] = (
    "accounts.apps.AccountsConfig",
    "market.apps.MarketConfig",
    "trading.apps.TradingConfig",
    "alerts.apps.AlertsConfig",
    "scripts.apps.ScriptsConfig",
    "settings_app.apps.SettingsConfig",
)
SECTIONS: tuple[str, ...] = tuple(path.partition(".")[0] for path in SECTION_CONFIGS)

# Apps of the platform that contribute as well: after the sections, in this order.
PLATFORM_CONFIGS: tuple[str, ...] = (
    "realtime.apps.RealtimeConfig",
    "audit.apps.AuditConfig",
    "pictures.apps.PicturesConfig",
    "staff_auth.apps.StaffAuthConfig",
    "backoffice.apps.BackofficeConfig",
    "api.apps.ApiConfig",
    "observe.apps.ObserveConfig",
)


class SectionConfig(AppConfig):
    """An app that contributes to the platform.

    A text is the dotted path of an object in a module, empty where the app contributes nothing.
    """

    urls: ClassVar[str] = ""  # list of URL patterns
    field_meanings: ClassVar[str] = ""  # `api.schema.meanings.FieldMeanings` of its routes
    staff_actions: ClassVar[str] = ""  # classes of `backoffice.actions.action.Action`
    panels: ClassVar[str] = ""  # `backoffice.widgets.panel.Panel`: tables on pages of any app
    live_tiles: ClassVar[str] = ""  # `backoffice.widgets.live_tile.LiveTile`: figures on such pages
    client_header: ClassVar[str] = ""  # (staff user, login) -> `ClientHeader` | None; of one app
    dashboard_tiles: ClassVar[str] = ""  # `backoffice.widgets.dashboard.DashboardTile`
    attention: ClassVar[str] = ""  # `backoffice.attention.matters.Matter`: badges of the menu
    save_previews: ClassVar[str] = ""  # classes of `backoffice.pages.preview_mixin.SavePreview`
    navigation: ClassVar[str] = ""  # headings of the sidebar with their links
    list_tabs: ClassVar[str] = ""  # tabs above lists
    role_permissions: ClassVar[str] = ""  # role: names of permissions beyond included roles'
    health_checks: ClassVar[str] = ""  # () -> list of (name, ok, message); may raise RedisError
    counters: ClassVar[str] = ""  # `observe.counters.Counter`: known before they count
    gauges: ClassVar[str] = ""  # `core.heartbeats.Gauge`: numbers that processes report
    metric_families: ClassVar[str] = ""  # () -> iterator of metrics, read at each scrape
    quotas: ClassVar[str] = ""  # (login) -> list of `api.quotas.Quota`
    settings_handlers: ClassVar[str] = ""  # `ReservedSettings` of settings_app, one a prefix
    checkpoints: ClassVar[str] = ""  # () -> highest sequence number that its rows have processed
    symbol_model: ClassVar[str] = ""  # the model whose `name`s are the symbols that exist
    person_search: ClassVar[str] = ""  # the expression by which people are searched
    # () -> `realtime.stream.price_views.PriceViews`, the same object while they are the same.
    price_views: ClassVar[str] = ""
    uses_symbol: ClassVar[str] = ""  # (symbol) -> bool: the symbol's terms are then frozen
    account_opened: ClassVar[str] = ""  # (account) -> None, in the transaction that opens it
    client_mailbox: ClassVar[str] = ""  # (login) -> a client's verified e-mail address, or ""
    demo: ClassVar[str] = ""  # () -> None: writes the demo's rows once
    # Names of Celery tasks: seconds between two starts, and those that follow the quotes.
    periodic_tasks: ClassVar[dict[str, float]] = {}
    tasks_after_quotes: ClassVar[tuple[str, ...]] = ()


CONTRIBUTIONS = tuple(name for name, value in vars(SectionConfig).items() if value == "")


def list_configs() -> list[type[SectionConfig]]:
    """Return the classes of the apps that contribute; needs no loaded apps."""
    return [import_string(path) for path in (*SECTION_CONFIGS, *PLATFORM_CONFIGS)]


def load_contributions(name: str) -> list[Any]:
    """Import what the apps declare as `name`, in their order.

    Raises:
        ImproperlyConfigured: a path names nothing.
    """
    return [load_contribution(each, name) for each in list_configs() if getattr(each, name)]


def load_items(name: str) -> list[Any]:
    """Import the collections that the apps declare as `name`, and join them."""
    return [item for items in load_contributions(name) for item in items]


def load_contribution(config: type[SectionConfig], name: str) -> Any:
    """Import what one app declares as `name`."""
    path: str = getattr(config, name)
    try:
        return import_string(path)
    except ImportError as error:
        declared = f"{config.__module__}.{config.__qualname__}.{name} = {path!r}"
        raise ImproperlyConfigured(f"{declared}: {error}") from error


def list_tasks_after_quotes() -> list[str]:
    """Return the names of the tasks that the feed wakes after it has published quotes."""
    return [task for config in list_configs() for task in config.tasks_after_quotes]
