"""Indexes for the lists of the backoffice; the models say what each is for."""

import django.contrib.postgres.indexes
from django.conf import settings
from django.db import migrations, models

import backoffice.search


class Migration(migrations.Migration):
    dependencies = [
        ("scripts", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name="script",
            index=models.Index(fields=["kind", "id"], name="script_by_kind"),
        ),
        migrations.AddIndex(
            model_name="script",
            index=models.Index(
                condition=models.Q(("autostart", True)), fields=["id"], name="script_autostart"
            ),
        ),
        migrations.AddIndex(
            model_name="script",
            index=django.contrib.postgres.indexes.GinIndex(
                backoffice.search.Words("name"), name="script_by_words"
            ),
        ),
    ]
