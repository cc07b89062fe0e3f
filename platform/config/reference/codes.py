"""The enums of the wire and the error codes, as the code has them."""

from collections.abc import Iterator
from enum import Enum, EnumType, IntEnum
from http import HTTPStatus
from importlib import import_module
from types import ModuleType

from django.apps import apps
from django.db.models import IntegerChoices
from django.utils.module_loading import module_has_submodule

from api.errors import CODE_OF_STATUS, status_of
from core.errors import BrokerError, Refused
from core.sections import SECTIONS
from realtime import errors as stream_errors  # noqa: F401 - defines codes
from realtime.events import types

UNSEEN = ("backoffice", "tests")  # a page answers for itself


def section_modules(name: str) -> list[ModuleType]:
    """Import the module of this name of each section that has one."""
    return [
        import_module(f"{section}.{name}")
        for section in SECTIONS
        if module_has_submodule(apps.get_app_config(section).module, name)
    ]


def wire_enums() -> list[tuple[str, list[tuple[int, str]]]]:
    """Return the name of each enum of numbers, with its values and their meanings."""
    found = {
        name: [(int(one), _label(one)) for one in enum]
        for module in (*section_modules("enums"), types)
        for name, enum in vars(module).items()
        if isinstance(enum, EnumType) and issubclass(enum, IntEnum | IntegerChoices)
        if enum.__module__ == module.__name__
    }
    return sorted(found.items())


def error_codes() -> list[tuple[str, str, str]]:
    """Return each code with its HTTP statuses and what it says by default."""
    statuses: dict[str, set[int]] = {}
    texts: dict[str, str] = {}
    for error in _classes(BrokerError):
        if error.__module__.partition(".")[0] not in UNSEEN and error.code != Refused.code:
            statuses.setdefault(error.code, set()).add(status_of(error))
            texts.setdefault(error.code, error.default)
    for status, code in CODE_OF_STATUS.items():
        statuses.setdefault(code, set()).add(status)
        texts.setdefault(code, HTTPStatus(status).phrase.lower())
    return [(c, ", ".join(map(str, sorted(statuses[c]))), texts[c]) for c in sorted(texts)]


def _label(one: Enum) -> str:
    return str(getattr(one, "label", one.name.lower().replace("_", " ")))


def _classes(kind: type[BrokerError]) -> Iterator[type[BrokerError]]:
    yield kind
    for each in kind.__subclasses__():
        yield from _classes(each)
