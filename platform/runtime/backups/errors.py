"""Reasons why a backup or a restore failed, for the operator."""


class BackupError(Exception):
    """Something is missing, damaged or in the way; nothing was changed."""
