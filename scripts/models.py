"""Programs of clients' terminals; the platform only stores them."""

from typing import ClassVar

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q

from accounts.models import User
from core.text_search import make_word_vector
from scripts import enums
from scripts.querysets import ScriptQuerySet


class Script(models.Model):
    """One script of one login. Times are unix seconds; `type` is what clients call visibility."""

    user = models.ForeignKey(User, models.PROTECT, db_column="login", related_name="scripts")
    name = models.CharField(max_length=128)
    script = models.TextField()
    description = models.CharField(max_length=1024, blank=True)
    kind = models.CharField(max_length=16, choices=enums.Kind, default=enums.Kind.INDICATOR)
    language = models.CharField(
        max_length=16, choices=enums.Language, default=enums.Language.STSCRIPT
    )
    type = models.CharField(
        max_length=16, choices=enums.Visibility, default=enums.Visibility.PRIVATE
    )
    visibility = models.CharField(
        max_length=16, choices=enums.Visibility, default=enums.Visibility.PRIVATE
    )
    autostart = models.BooleanField(default=False)
    enabled = models.BooleanField(default=True)
    created_time = models.BigIntegerField()
    updated_time = models.BigIntegerField()

    objects = ScriptQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["id"]
        indexes: ClassVar = [  # the backoffice's list, by its filters and its search
            models.Index(fields=["kind", "id"], name="script_by_kind"),
            models.Index(fields=["id"], name="script_autostart", condition=Q(autostart=True)),
            GinIndex(make_word_vector("name"), name="script_by_words"),
            models.Index(fields=["id"], name="script_public", condition=Q(visibility="public")),
        ]

    def __str__(self) -> str:
        return self.name
