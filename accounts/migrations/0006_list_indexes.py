"""Indexes for the lists of the backoffice; the models say what each is for."""

import django.contrib.postgres.indexes
import django.db.models.deletion
from django.db import migrations, models

import backoffice.search


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_managed_groups"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        migrations.AlterField(
            model_name="account",
            name="group",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="accounts",
                to="accounts.group",
            ),
        ),
        migrations.AddIndex(
            model_name="account",
            index=models.Index(fields=["group", "user"], name="account_of_group"),
        ),
        migrations.AddIndex(
            model_name="account",
            index=models.Index(
                condition=models.Q(("enable_read_only", True)),
                fields=["user"],
                name="account_read_only",
            ),
        ),
        migrations.AddIndex(
            model_name="user",
            index=django.contrib.postgres.indexes.GinIndex(
                backoffice.search.Words("name", "email", backoffice.search.Telephone("phone")),
                name="user_by_words",
            ),
        ),
        migrations.AddIndex(
            model_name="user",
            index=models.Index(
                condition=models.Q(("type__gt", 0)), fields=["type", "login"], name="user_staff"
            ),
        ),
        migrations.AddIndex(
            model_name="user",
            index=models.Index(
                condition=models.Q(("enable", False)), fields=["login"], name="user_disabled"
            ),
        ),
    ]
