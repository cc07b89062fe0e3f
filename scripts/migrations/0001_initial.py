import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Script",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=128)),
                ("script", models.TextField()),
                ("description", models.CharField(blank=True, max_length=1024)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("indicator", "Indicator"),
                            ("robot", "Robot"),
                            ("strategy", "Strategy"),
                            ("widget", "Widget"),
                        ],
                        default="indicator",
                        max_length=16,
                    ),
                ),
                (
                    "language",
                    models.CharField(
                        choices=[("stscript", "Stscript")], default="stscript", max_length=16
                    ),
                ),
                (
                    "type",
                    models.CharField(
                        choices=[("private", "Private")], default="private", max_length=16
                    ),
                ),
                (
                    "visibility",
                    models.CharField(
                        choices=[("private", "Private")], default="private", max_length=16
                    ),
                ),
                ("autostart", models.BooleanField(default=False)),
                ("enabled", models.BooleanField(default=True)),
                ("created_time", models.BigIntegerField()),
                ("updated_time", models.BigIntegerField()),
                (
                    "user",
                    models.ForeignKey(
                        db_column="login",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="scripts",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
                "indexes": [
                    models.Index(fields=["kind", "id"], name="script_by_kind"),
                    models.Index(
                        condition=models.Q(("autostart", True)),
                        fields=["id"],
                        name="script_autostart",
                    ),
                    django.contrib.postgres.indexes.GinIndex(
                        models.Func(
                            "name",
                            arg_joiner=" || ' ' || ",
                            output_field=django.contrib.postgres.search.SearchVectorField(),
                            template="to_tsvector('simple'::regconfig, translate(%(expressions)s, '@.-_+/:&<>=?~', '             '))",
                        ),
                        name="script_by_words",
                    ),
                ],
            },
        ),
    ]
