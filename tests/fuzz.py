"""How many cases the tests with generated input try: few in each run, many in `make fuzz`."""

import os

from hypothesis import settings

FUZZ = int(os.environ.get("FUZZ", "1"))


def examples(number: int, quick: int = 0) -> int:
    """Return how many cases to try: `quick` or `number` in an ordinary run, else FUZZ `number`s."""
    return (quick or number) if FUZZ == 1 else number * FUZZ


# For the tests that do not say how many cases they try.
settings.register_profile("platform", max_examples=examples(100), deadline=None)
settings.load_profile("platform")
