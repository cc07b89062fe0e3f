"""Tokens that were signed out."""

from django.db import models


class RevokedToken(models.Model):
    """A token that was signed out; stored until it would have expired."""

    jti = models.CharField(max_length=32, primary_key=True)
    expires = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.jti
