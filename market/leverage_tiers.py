"""Leverage tiers: `[[50, 500], [null, 200]]` is 500 up to 50 lots, and 200 for what is above."""

from decimal import Decimal
from itertools import pairwise
from typing import Any

from django.core.exceptions import ValidationError

HIGHEST_LEVERAGE = 10_000  # the same as for accounts
MOST_LOTS = 10_000_000  # lots, about what the column of a volume holds


def validate_tiers(tiers: Any) -> None:
    """Validate a list of tiers; an empty list is valid.

    Raises:
        ValidationError: says which rule is broken.
    """
    is_list_of_pairs = isinstance(tiers, list) and all(
        isinstance(t, list) and len(t) == 2 for t in tiers
    )
    if not is_list_of_pairs:
        raise ValidationError("Give a list of pairs: [[lots, leverage], …, [null, leverage]].")
    if not tiers:
        return
    *bounded, (last, _) = tiers
    if last is not None:
        raise ValidationError("The last tier must have no end: [null, leverage].")
    if any(
        one >= next_ for one, next_ in pairwise([Decimal(0), *(_parse_lots(t[0]) for t in bounded)])
    ):
        raise ValidationError("The lots must be above 0 and rise from tier to tier.")
    leverages = [leverage for _, leverage in tiers]
    if any(
        type(leverage) is not int or not 1 <= leverage <= HIGHEST_LEVERAGE for leverage in leverages
    ):
        raise ValidationError(f"A leverage must be a whole number from 1 to {HIGHEST_LEVERAGE}.")
    if sorted(leverages, reverse=True) != leverages:
        raise ValidationError("The leverage must not rise with the size.")


def _parse_lots(lots: object) -> Decimal:
    """Return the end of a tier in lots; raise ValidationError if it is no valid volume."""
    if type(lots) not in (int, float):
        raise ValidationError("The lots must be numbers, and null in the last tier only.")
    exact = Decimal(str(lots))
    if exact.is_finite() and abs(exact) > MOST_LOTS:
        raise ValidationError(f"The lots must be at most {MOST_LOTS}.")
    if not exact.is_finite() or exact * 100 % 1:
        raise ValidationError("The lots must have at most two decimals.")
    return exact


def format_tiers(tiers: list[list[object]]) -> str:
    """Return `up to 50 lots 1:500, above 1:200`; empty without tiers."""
    return ", ".join(
        f"{'above' if lots is None else f'up to {lots:g} lots'} 1:{leverage}"
        for lots, leverage in tiers
    ).replace("above", "above" if len(tiers) > 1 else "any size")
