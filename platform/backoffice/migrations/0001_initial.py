import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import core.fields


class Migration(migrations.Migration):
    initial = True
    # The names that this one had before the first release: databases made then go on.
    replaces = [("backoffice", "0001_export_right"), ("backoffice", "0002_approvals")]

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Right",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
            ],
            options={
                "permissions": [("export", "Can take lists away as files")],
                "managed": False,
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="Approval",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("asked_at", models.BigIntegerField(verbose_name="asked at")),
                ("expires_at", models.BigIntegerField(verbose_name="expires at")),
                ("model", models.CharField(max_length=64)),
                ("key", models.CharField(max_length=64)),
                ("action", models.CharField(max_length=32)),
                ("title", models.CharField(max_length=64, verbose_name="what")),
                ("login", models.BigIntegerField(null=True, verbose_name="login it is about")),
                ("amount", core.fields.MoneyField(decimal_places=4, default=0, max_digits=20)),
                ("currency", models.CharField(max_length=8)),
                ("reason", models.CharField(max_length=128)),
                ("data", models.JSONField(default=dict, verbose_name="what was filled in")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "waiting"),
                            ("approved", "approved"),
                            ("refused", "refused"),
                            ("expired", "expired"),
                        ],
                        default="waiting",
                        max_length=8,
                    ),
                ),
                ("decided_at", models.BigIntegerField(default=0, verbose_name="decided at")),
                (
                    "decision",
                    models.CharField(
                        blank=True, max_length=128, verbose_name="why it was decided so"
                    ),
                ),
                (
                    "asked_by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
                "permissions": [("decide_approval", "Can approve or refuse what others ask for")],
                "indexes": [
                    models.Index(fields=["state", "id"], name="approval_by_state"),
                    models.Index(fields=["login", "id"], name="approval_by_login"),
                    models.Index(fields=["asked_at"], name="approval_by_time"),
                ],
            },
        ),
    ]
