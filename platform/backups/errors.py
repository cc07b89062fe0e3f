"""Why a backup or a restore ended: what the operator reads."""


class BackupError(Exception):
    """Something is missing, damaged or in the way; nothing was changed."""
