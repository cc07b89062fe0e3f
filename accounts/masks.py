"""Name patterns: `BTC*,!BTCUSD` matches every name that begins with BTC, except BTCUSD."""

import re
from functools import lru_cache

from django.core.validators import RegexValidator

ENTRY = r"!?[^\s,!]+"
validate = RegexValidator(
    rf"\A{ENTRY}(\s*,\s*{ENTRY})*\Z", "Names and masks with commas between: BTC*,!BTCUSD"
)


def matches(mask: str, name: str) -> bool:
    """Check whether the patterns match the name, in either case; the last match decides."""
    fitting = [wanted for wanted, pattern in _entries(mask) if pattern.fullmatch(name)]
    return bool(fitting) and fitting[-1]


@lru_cache(maxsize=1024)
def _entries(mask: str) -> list[tuple[bool, re.Pattern[str]]]:
    """Return (included, regular expression) for each pattern."""
    found = []
    for entry in filter(None, (part.strip() for part in mask.split(","))):
        parts = map(re.escape, re.split(r"\*+", entry.removeprefix("!")))
        found.append((not entry.startswith("!"), re.compile(".*".join(parts), re.IGNORECASE)))
    return found
