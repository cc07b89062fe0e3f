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
            name="Setting",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("prefix", models.CharField(max_length=32)),
                ("name", models.CharField(max_length=64)),
                ("value", models.TextField(verbose_name="JSON")),
                ("updated_time", models.BigIntegerField(verbose_name="unix seconds")),
                (
                    "user",
                    models.ForeignKey(
                        db_column="login",
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="settings",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["user", "prefix", "name"],
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(
                        models.Func(
                            "prefix",
                            "name",
                            arg_joiner=" || ' ' || ",
                            output_field=django.contrib.postgres.search.SearchVectorField(),
                            template="to_tsvector('simple'::regconfig, translate(%(expressions)s, '@.-_+/:&<>=?~', '             '))",
                        ),
                        name="setting_by_words",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("user", "prefix", "name"), name="one_value_a_name"
                    )
                ],
            },
        ),
    ]
