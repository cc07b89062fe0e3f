"""Queue e-mails in the transaction of what they report, each once by its key."""

from dataclasses import dataclass

from backoffice.models import OutgoingMail
from core.clock import now
from core.sections import load_contributions


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of an e-mail."""

    name: str
    content_type: str
    content: bytes


def find_client_mailbox(login: int) -> str:
    """Return an e-mail address that the client has verified, or an empty text."""
    found = (find(login) for find in load_contributions("client_mailbox"))
    return next((address for address in found if address), "")


def queue_mail(
    key: str, to: str, subject: str, text: str, attachment: Attachment | None = None
) -> bool:
    """Store an e-mail that a worker sends; return False if one with this key was queued before."""
    values: dict[str, object] = {"to": to, "subject": subject, "text": text}
    if attachment is not None:
        values["attachment_name"] = attachment.name
        values["attachment_type"] = attachment.content_type
        values["attachment"] = attachment.content
    times = {"created_at": now(), "due": now()}
    return OutgoingMail.objects.get_or_create(key=key, defaults={**values, **times})[1]
