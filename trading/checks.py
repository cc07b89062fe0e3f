"""System checks: reports by e-mail without a mail server, fonts that are no files."""

from pathlib import Path

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

FONT_TYPES = (".ttf", ".otf")


@register
def check_reports_can_be_sent(app_configs: object, **_: object) -> list[CheckMessage]:
    """Report REPORT_MAIL_ROLE without a mail server: nobody would get a report (trading.E001)."""
    if not settings.PRODUCTION or not settings.REPORT_MAIL_ROLE or settings.EMAIL_URL:
        return []
    return [
        Error(
            "REPORT_MAIL_ROLE wants reports mailed, and there is no mail server",
            hint="Set EMAIL_URL, or unset REPORT_MAIL_ROLE.",
            id="trading.E001",
        )
    ]


@register
def check_statement_fonts(app_configs: object, **_: object) -> list[CheckMessage]:
    """Report files of STATEMENT_FONTS that are not there: no PDF could be made (trading.E002)."""
    return [
        Error(
            f"STATEMENT_FONTS names {path!r}, which is no ttf or otf file",
            hint="Install the font, or take it off the list.",
            id="trading.E002",
        )
        for path in settings.STATEMENT_FONTS
        if settings.PRODUCTION and not is_font(Path(path))
    ]


def is_font(path: Path) -> bool:
    """Return whether it is the file of a font that a PDF takes."""
    return path.suffix.lower() in FONT_TYPES and path.is_file()
