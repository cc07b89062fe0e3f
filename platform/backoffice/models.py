"""Rights that are nobody's rows: they need a model to belong to, and that has no table."""

from typing import ClassVar

from django.db import models

from backoffice.approvals.models import Approval

__all__ = ["Approval", "Right"]


class Right(models.Model):
    """What staff may do with every page alike."""

    class Meta:
        managed = False
        default_permissions = ()
        permissions: ClassVar = [("export", "Can take lists away as files")]

    def __str__(self) -> str:
        return "right"
