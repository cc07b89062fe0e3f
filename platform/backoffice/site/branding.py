"""The broker's brand: checks of its settings, and the shades that are made of its colour.

Read while the settings load. Text in the colour keeps a contrast of CONTRAST on both pages.
"""

import re
from email.utils import formataddr
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

DEFAULT_NAME = "Broker platform"
LOGO_TYPES = {
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".webp": "image/webp",
    ".jpg": "image/jpeg",
}
LOGO_MAX_BYTES = 256 * 1024
COLOR = re.compile(r"#[0-9a-fA-F]{6}")
CONTRAST = 4.5  # WCAG 2, level AA
Rgb = tuple[float, float, float]  # 0 to 255
WHITE, BLACK, DARK_PAGE = (255.0, 255.0, 255.0), (0.0, 0.0, 0.0), (22.0, 27.0, 36.0)
STEP = 0.04  # of a mixture with white or black, until the contrast suffices
# Share of white or black in the shades that are lighter and darker than the readable ones.
LIGHTER = {50: 0.93, 100: 0.85, 200: 0.7, 300: 0.5, 400: 0.25}
DARKER = {700: 0.15, 800: 0.3, 900: 0.45, 950: 0.6}


def check_color(value: str) -> str:
    """Return the colour, `#rrggbb` or empty.

    Raises:
        ImproperlyConfigured: it is none.
    """
    if value and not COLOR.fullmatch(value):
        raise ImproperlyConfigured(f"BRAND_COLOR={value!r}: must be like #2563eb")
    return value


def check_logo(value: str) -> str:
    """Return the path of the logo, empty where there is none.

    Raises:
        ImproperlyConfigured: it is no file, of another type or too large.
    """
    path = Path(value)
    if not value:
        return ""
    if path.suffix.lower() not in LOGO_TYPES:
        raise ImproperlyConfigured(f"BRAND_LOGO={value!r}: must be one of {', '.join(LOGO_TYPES)}")
    if not path.is_file():
        raise ImproperlyConfigured(f"BRAND_LOGO={value!r}: there is no such file")
    if path.stat().st_size > LOGO_MAX_BYTES:
        raise ImproperlyConfigured(f"BRAND_LOGO={value!r}: is larger than {LOGO_MAX_BYTES} bytes")
    return value


def name_sender(address: str, name: str) -> str:
    """Return the sender of e-mails with the broker's name, where it has no name yet."""
    return address if name == DEFAULT_NAME or "<" in address else formataddr((name, address))


def make_shades(color: str) -> dict[int, str]:
    """Return unfold's shades of the colour: 600 can be read on white, 500 on the dark page."""
    base = parse_color(color)
    on_white, on_dark = readable_on(WHITE, base, BLACK), readable_on(DARK_PAGE, base, WHITE)
    shades = {weight: mix(on_dark, WHITE, share) for weight, share in LIGHTER.items()}
    shades |= {500: on_dark, 600: on_white}
    shades |= {weight: mix(on_white, BLACK, share) for weight, share in DARKER.items()}
    return {weight: format_color(shade) for weight, shade in sorted(shades.items())}


def readable_on(page: Rgb, color: Rgb, towards: Rgb) -> Rgb:
    """Return the colour, mixed with another as far as its contrast to the page needs it."""
    share, found = 0.0, color
    while contrast(page, found) < CONTRAST and share < 1:
        share += STEP
        found = mix(color, towards, min(1.0, share))
    return found


def contrast(one: Rgb, other: Rgb) -> float:
    """Return the contrast ratio of two colours, 1 to 21 (WCAG 2)."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def luminance(color: Rgb) -> float:
    """Return the relative luminance of a colour, 0 to 1 (WCAG 2)."""
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (value / 255 for value in color)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def mix(color: Rgb, other: Rgb, share: float) -> Rgb:
    """Return the colour with a share of another, 0 to 1."""
    red, green, blue = (a + (b - a) * share for a, b in zip(color, other, strict=True))
    return red, green, blue


def parse_color(text: str) -> Rgb:
    """Return the parts of `#rrggbb`."""
    red, green, blue = (int(text[at : at + 2], 16) for at in (1, 3, 5))
    return float(red), float(green), float(blue)


def format_color(color: Rgb) -> str:
    """Return the colour as `#rrggbb`."""
    return "#" + "".join(f"{round(part):02x}" for part in color)
