"""Indexes for the lists of the backoffice; the models say what each is for."""

import django.contrib.postgres.indexes
from django.db import migrations, models

import backoffice.search


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0006_list_indexes"),
        ("alerts", "0004_day_totals"),
        ("market", "0005_margin_factor"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="address",
            index=models.Index(fields=["channel", "-id"], name="address_by_channel"),
        ),
        migrations.AddIndex(
            model_name="address",
            index=models.Index(fields=["state", "-id"], name="address_by_state"),
        ),
        migrations.AddIndex(
            model_name="address",
            index=django.contrib.postgres.indexes.GinIndex(
                backoffice.search.Words("address"), name="address_by_words"
            ),
        ),
        migrations.AddIndex(
            model_name="alert",
            index=models.Index(fields=["status", "-id"], name="alert_by_status"),
        ),
        migrations.AddIndex(
            model_name="alert",
            index=models.Index(fields=["symbol", "-id"], name="alert_by_symbol"),
        ),
        migrations.AddIndex(
            model_name="alert",
            index=models.Index(fields=["created_at", "id"], name="alert_by_creation"),
        ),
        migrations.AddIndex(
            model_name="alertlog",
            index=models.Index(fields=["symbol", "-id"], name="alert_log_by_symbol"),
        ),
        migrations.AddIndex(
            model_name="alertlog",
            index=models.Index(fields=["condition", "-id"], name="alert_log_by_condition"),
        ),
        migrations.AddIndex(
            model_name="alertlog",
            index=models.Index(fields=["triggered_at", "id"], name="alert_log_by_time"),
        ),
        migrations.AddIndex(
            model_name="alertlog",
            index=models.Index(
                condition=models.Q(("hidden", True)), fields=["-id"], name="alert_log_hidden"
            ),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(fields=["state", "-log"], name="delivery_by_outcome"),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(fields=["state", "-id"], name="delivery_by_state"),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(fields=["created_at", "id"], name="delivery_by_creation"),
        ),
    ]
