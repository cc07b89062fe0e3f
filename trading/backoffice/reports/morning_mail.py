"""The broker's result of the day before, by e-mail to a role of the staff each morning.

Each gets the groups that he or she may see. The key of an e-mail names the day and the login, so
that it is queued once, whatever restarts.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from io import BytesIO

from django.conf import settings
from django.db import transaction

from accounts.models import User
from audit import recording
from backoffice.columns import format_amount, format_money
from backoffice.exports.files import write_xlsx
from backoffice.mails.queue import Attachment, queue_mail
from backoffice.models import OutgoingMail
from core.clock import now
from market.models import format_lots
from trading.backoffice.reports.result_page import PERMISSION
from trading.backoffice.reports.result_tables import COUNTS, MONEY, file_rows, file_titles
from trading.reports.broker_result import BrokerResult, Grouping, Period, ResultSums, read_result

XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LABEL_WIDTH = 18  # characters


def queue_morning_reports(at: int | None = None) -> int:
    """Queue what is due at `at` (unix seconds) of the day before, in UTC; return how many.

    Nothing is due before REPORT_MAIL_HOUR, or where no role or mail server is named.
    """
    moment = datetime.fromtimestamp(now() if at is None else at, UTC)
    if not (settings.REPORT_MAIL_ROLE and settings.EMAIL_URL):
        return 0
    if moment.hour < settings.REPORT_MAIL_HOUR:
        return 0
    day = moment.date() - timedelta(1)
    return sum(_queue_report(user, day) for user in _recipients(day))


def _recipients(day: date) -> Iterator[User]:
    """Yield the role's members with an e-mail address that the day's report was not queued for."""
    members = User.objects.filter(
        groups__name=settings.REPORT_MAIL_ROLE, type__gt=0, enable=True
    ).exclude(email="")
    keys = {mail_key(user, day): user for user in members.order_by("pk")}
    queued = set(OutgoingMail.objects.filter(key__in=keys).values_list("key", flat=True))
    for key, user in keys.items():
        if key not in queued and user.has_perm(PERMISSION):
            yield user


def mail_key(user: User, day: date) -> str:
    """Return the key of the report of a day to a member of staff."""
    return f"broker-result:{day}:{user.pk}"


@transaction.atomic
def _queue_report(user: User, day: date) -> bool:
    """Queue the day's report with its audit entry; False if another process was faster."""
    result = read_result(Period(day, day), Grouping.GROUP, user.visible_groups)
    file = BytesIO()
    write_xlsx(file, file_titles(result), file_rows(result))
    name = f"broker-result-{day}-by-group.xlsx"
    attachment = Attachment(name, XLSX_TYPE, file.getvalue())
    subject, text = f"Broker's result of {day}", compose_text(result)
    if not queue_mail(mail_key(user, day), user.email, subject, text, attachment):
        return False
    recording.record_entry(None, "mail_report", user, after={"day": str(day), "to": user.email})
    return True


def compose_text(result: BrokerResult) -> str:
    """Return the sums of the day as text: in the reporting currency, then by currency."""
    unit = settings.REPORTING_CURRENCY
    day = result.period.first
    parts = [f"The broker's result of {day} (UTC). By account group: see the attached file."]
    if not result.totals:
        return f"{parts[0]}\n\nNothing was posted."
    parts.append(_sums_text(f"Total in {unit}", result.converted_total(), unit, exact=False))
    if result.missing_rates:
        parts.append(f"Without rate, and not in the total: {', '.join(result.missing_rates)}")
    parts += [
        _sums_text(f"In {currency}", result.totals[currency], currency, exact=True)
        for currency in sorted(result.totals)
    ]
    return "\n\n".join(parts)


def _sums_text(title: str, sums: ResultSums, currency: str, *, exact: bool) -> str:
    """Return a titled line for each sum; those that are not `exact` were converted."""
    format_sum = format_amount if exact else format_money
    figures = [
        *((label, format_sum(getattr(sums, name), currency)) for label, name in MONEY.items()),
        ("Lots closed", format_lots(sums.volume, thousands=True)),
        *((label, f"{getattr(sums, name):,}") for label, name in COUNTS.items()),
    ]
    width = max(len(text) for _, text in figures)
    lines = (f"{label:{LABEL_WIDTH}}{text:>{width}}" for label, text in figures)
    return "\n".join([title, *lines])
