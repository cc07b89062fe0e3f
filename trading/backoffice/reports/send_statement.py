"""The staff action that mails a client's statement to the address that the client has verified."""

import uuid
from collections.abc import Mapping
from datetime import date

from django import forms
from django.conf import settings

from accounts.backoffice.actions import AccountAction
from accounts.models import Account, User
from audit.recording import AuditNote
from backoffice.actions.action import ActionResult, ReasonAnswers
from backoffice.actions.forms import ActionForm
from backoffice.form_fields import BoundedDateField
from backoffice.mails.queue import Attachment, find_client_mailbox, queue_mail
from core.errors import Refused
from trading.backoffice.reports.report_form import DayInput, today
from trading.backoffice.reports.statement_file import FILE_KINDS, StatementFile, make_file
from trading.backoffice.reports.statement_page import PERMISSION
from trading.backoffice.reports.statement_tables import summary_figures
from trading.reports.broker_result import Period

MAX_BYTES = 5_000_000  # that mail servers still take


class NotSendable(Refused):
    """A statement that cannot be mailed."""


class StatementAnswers(ReasonAnswers):
    """What `StatementForm` asks."""

    first: date
    last: date
    file: str


class StatementForm(ActionForm[Account]):
    """The days of the statement, both included, and the kind of file."""

    first = BoundedDateField(label="From", widget=DayInput)
    last = BoundedDateField(label="To", widget=DayInput)
    file = forms.ChoiceField(choices=[(kind, kind.upper()) for kind in FILE_KINDS])

    def __init__(
        self, data: Mapping[str, object] | None = None, *, obj: Account, actor: User
    ) -> None:
        month = {"first": today().replace(day=1), "last": today(), "file": "pdf"}
        super().__init__(data, obj=obj, actor=actor, initial=month)
        mailbox = find_client_mailbox(obj.pk)
        self.fields["file"].help_text = (
            f"Goes to {mailbox}." if mailbox else "The client has not verified an e-mail address."
        )

    def clean(self) -> dict[str, object]:
        """Refuse days that end before they begin."""
        found = dict(self.cleaned_data)
        first, last = found.get("first"), found.get("last")
        if isinstance(first, date) and isinstance(last, date) and last < first:
            self.add_error("last", "This is before the first day.")
        return found


class SendStatement(AccountAction[StatementAnswers]):
    """Queues the e-mail in the transaction of its audit entry."""

    name, title, icon = "send-statement", "Send statement", "forward_to_inbox"
    permission = PERMISSION
    form = StatementForm

    def run(self, actor: User, obj: Account, data: StatementAnswers) -> ActionResult:
        mailbox = find_client_mailbox(obj.pk)
        if not settings.EMAIL_URL:
            raise NotSendable("this platform sends no e-mails: EMAIL_URL is not set")
        if not mailbox:
            raise NotSendable("the client has not verified an e-mail address")
        file = make_file(obj, Period(data["first"], data["last"]), data["file"])
        if len(file.content) > MAX_BYTES:
            raise NotSendable("the file is too large for an e-mail: choose fewer days")
        subject, text = compose_mail(file)
        attachment = Attachment(file.name, file.content_type, file.content)
        queue_mail(f"statement:{obj.pk}:{uuid.uuid4()}", mailbox, subject, text, attachment)
        note = AuditNote("statement", obj, data["reason"], {}, {"to": mailbox, "file": file.name})
        return ActionResult(f"{file.name} goes to {mailbox}.", obj, audit_notes=[note])


def compose_mail(file: StatementFile) -> tuple[str, str]:
    """Return subject and text of the e-mail."""
    statement = file.statement
    period, login = statement.period, statement.account.login
    unit, days = statement.currency, f"from {period.first} to {period.last}"
    figures = [f"{label}: {value} {unit}" for label, value in summary_figures(statement)]
    lines = [f"The statement of your account {login} {days} (UTC) is attached.", "", *figures]
    return f"Statement of account {login}, {period.first} to {period.last}", "\n".join(lines)
