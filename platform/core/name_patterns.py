"""Name patterns: `BTC*,!BTCUSD` matches every name that begins with BTC, except BTCUSD."""

import re
from functools import lru_cache

from django.core.validators import RegexValidator

PATTERN = r"!?[^\s,!]+"
validate_name_patterns = RegexValidator(
    rf"\A{PATTERN}(\s*,\s*{PATTERN})*\Z", "Names and masks with commas between: BTC*,!BTCUSD"
)


def matches_patterns(patterns: str, name: str) -> bool:
    """Check whether the patterns match the name, in either case; the last match decides."""
    matching = [wanted for wanted, pattern in _parse_patterns(patterns) if pattern.fullmatch(name)]
    return bool(matching) and matching[-1]


@lru_cache(maxsize=1024)
def _parse_patterns(patterns: str) -> list[tuple[bool, re.Pattern[str]]]:
    """Return (included, regular expression) for each pattern."""
    parsed = []
    for entry in filter(None, (part.strip() for part in patterns.split(","))):
        parts = map(re.escape, re.split(r"\*+", entry.removeprefix("!")))
        parsed.append((not entry.startswith("!"), re.compile(".*".join(parts), re.IGNORECASE)))
    return parsed
