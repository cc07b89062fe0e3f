"""System checks: every contribution that an app declares exists, and is one the platform knows."""

from collections.abc import Iterator

from django.apps import AppConfig, apps
from django.core.checks import CheckMessage, Error, register
from django.core.exceptions import ImproperlyConfigured

from core.sections import CONTRIBUTIONS, SectionConfig, list_configs, load_contribution

KNOWN = {*vars(AppConfig), *vars(SectionConfig), "name", "label", "verbose_name", "default"}


@register
def check_contributions(app_configs: object, **_: object) -> list[CheckMessage]:
    """Resolve what every app declares; all apps, as the paths may lead from one to another."""
    return [*find_unlisted(), *(error for each in list_configs() for error in find_errors(each))]


def find_errors(config: type[SectionConfig]) -> Iterator[Error]:
    """Yield paths that name nothing (sections.E001) and unknown names (sections.E002)."""
    for name in CONTRIBUTIONS:
        if getattr(config, name):
            try:
                load_contribution(config, name)
            except ImproperlyConfigured as error:
                yield Error(
                    str(error), hint="Name a module and what it defines.", id="sections.E001"
                )
    for name in vars(config):
        if name not in KNOWN and not name.startswith("_"):
            yield Error(
                f"{config.__module__}.{config.__qualname__}.{name}: nobody asks for it",
                hint="Contributions are the attributes of core.sections.SectionConfig.",
                id="sections.E002",
            )


def find_unlisted() -> Iterator[Error]:
    """Yield apps that are installed or listed, but not both (sections.E003)."""
    installed = {type(app) for app in apps.get_app_configs() if isinstance(app, SectionConfig)}
    for config in installed.symmetric_difference(list_configs()):
        yield Error(
            f"{config.__module__}.{config.__qualname__} is not both installed and listed",
            hint="Name it in core/sections.py, and by its path in INSTALLED_APPS.",
            id="sections.E003",
        )
