"""Enums of scripts; the values are those of the contract (rest.md, section 6)."""

from django.db import models


class Kind(models.TextChoices):
    INDICATOR = "indicator"
    ROBOT = "robot"
    STRATEGY = "strategy"
    WIDGET = "widget"


class Language(models.TextChoices):
    STSCRIPT = "stscript"


class Visibility(models.TextChoices):
    """Who sees a script: its owner, or every client. Only staff publish."""

    PRIVATE = "private"
    PUBLIC = "public"
