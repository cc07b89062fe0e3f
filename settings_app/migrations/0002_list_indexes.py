"""Indexes for the lists of the backoffice; the models say what each is for."""

import django.contrib.postgres.indexes
from django.conf import settings
from django.db import migrations

import backoffice.search


class Migration(migrations.Migration):
    dependencies = [
        ("settings_app", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name="setting",
            index=django.contrib.postgres.indexes.GinIndex(
                backoffice.search.Words("prefix", "name"), name="setting_by_words"
            ),
        ),
    ]
