"""Write docs/asyncapi.yaml anew."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.conf import settings  # noqa: E402

from config.reference.stream_document import document_text  # noqa: E402

(settings.BASE_DIR / "docs" / "asyncapi.yaml").write_text(document_text(), encoding="utf-8")
