"""Enums of scripts; the words are the contract's (rest.md, section 6)."""

from django.db import models


class Kind(models.TextChoices):
    INDICATOR = "indicator"
    ROBOT = "robot"
    STRATEGY = "strategy"
    WIDGET = "widget"


class Language(models.TextChoices):
    STSCRIPT = "stscript"


class Visibility(models.TextChoices):
    """Who sees a script. What clients write is always private."""

    PRIVATE = "private"
