"""The one list of sections: everything that walks the sections reads it here."""

from importlib.util import find_spec

SECTIONS: tuple[str, ...] = (
    "accounts",
    "market",
    "trading",
    "alerts",
    "scripts",
    "settings_app",
)

# What the feed wakes after it has published quotes, by task name: market knows no alerts.
PATH_TASKS: tuple[str, ...] = ("alerts.evaluate",)

# The model whose `name`s are the symbols that exist: the stream knows no market.
SYMBOL_MODEL = "market.Symbol"


def section_modules(name: str) -> list[str]:
    """Dotted names of the sections' modules called `name`, in the sections' order."""
    return [f"{section}.{name}" for section in SECTIONS if find_spec(f"{section}.{name}")]
