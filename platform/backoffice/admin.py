"""Register the backoffice's own pages; Django's admin looks for them here."""

from backoffice.approvals import pages as approval_pages
from backoffice.audit_pages import pages as audit_pages
from backoffice.mails import pages as mail_pages
from backoffice.roles import pages as role_pages

__all__ = ["approval_pages", "audit_pages", "mail_pages", "role_pages"]
