"""The broker's own fonts for letters that the shipped font of statements does not have."""

from collections.abc import Iterable, Iterator
from functools import cache

from django.conf import settings
from fontTools.ttLib import TTFont


@cache
def letters_of(path: str) -> frozenset[str]:
    """Return the letters that a font file has."""
    with TTFont(path, lazy=True) as font:
        return frozenset(map(chr, font.getBestCmap() or ()))


def fonts_for(letters: Iterable[str]) -> Iterator[tuple[str, frozenset[str]]]:
    """Yield the files of STATEMENT_FONTS that are needed to show the letters, with what they have.

    The first font that has a letter shows it.
    """
    missing = set(letters)
    for path in settings.STATEMENT_FONTS:
        has = letters_of(path)
        if missing & has:
            missing -= has
            yield path, has
