"""Indexes for the lists of the backoffice; the models say what each is for."""

import django.contrib.postgres.indexes
from django.conf import settings
from django.db import migrations, models

import backoffice.search


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0002_entries_stand"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name="entry",
            index=django.contrib.postgres.indexes.GinIndex(
                backoffice.search.Words("action", "label", "reason", "key", "address", "model"),
                name="audit_by_words",
            ),
        ),
        migrations.AddIndex(
            model_name="signin",
            index=models.Index(
                condition=models.Q(("outcome", "OK"), _negated=True),
                fields=["-id"],
                name="sign_in_refused",
            ),
        ),
        migrations.AddIndex(
            model_name="signin",
            index=django.contrib.postgres.indexes.GinIndex(
                backoffice.search.Words("outcome", "address", "agent"), name="sign_in_by_words"
            ),
        ),
    ]
