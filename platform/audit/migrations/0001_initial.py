import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# What was written down is neither edited nor deleted: the database refuses it.
MAKE = """
CREATE FUNCTION audit_entry_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'audit entry % stands: % is refused', OLD.id, TG_OP
        USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE TRIGGER audit_entry_stands BEFORE UPDATE OR DELETE ON audit_entry FOR EACH ROW
    EXECUTE FUNCTION audit_entry_stands();
"""
UNMAKE = """
DROP TRIGGER audit_entry_stands ON audit_entry;
DROP FUNCTION audit_entry_stands();
"""


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="SignIn",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("time", models.BigIntegerField(verbose_name="time, unix ms")),
                ("login", models.BigIntegerField()),
                ("address", models.CharField(blank=True, max_length=45)),
                (
                    "agent",
                    models.CharField(blank=True, max_length=256, verbose_name="browser or program"),
                ),
                (
                    "door",
                    models.CharField(
                        choices=[("api", "REST API"), ("admin", "backoffice")], max_length=8
                    ),
                ),
                ("outcome", models.CharField(max_length=32)),
                (
                    "network",
                    models.CharField(blank=True, db_default="", editable=False, max_length=45),
                ),
            ],
            options={
                "verbose_name": "sign-in",
                "ordering": ["-id"],
                "indexes": [
                    models.Index(fields=["login", "id"], name="sign_in_by_login"),
                    models.Index(fields=["address", "id"], name="sign_in_by_address"),
                    models.Index(fields=["login", "time"], name="sign_in_tries"),
                    models.Index(fields=["time"], name="sign_in_by_time"),
                    models.Index(fields=["door", "id"], name="sign_in_by_door"),
                    django.contrib.postgres.indexes.GinIndex(
                        models.Func(
                            "outcome",
                            "address",
                            "agent",
                            arg_joiner=" || ' ' || ",
                            output_field=django.contrib.postgres.search.SearchVectorField(),
                            template="to_tsvector('simple'::regconfig, translate(%(expressions)s, '@.-_+/:&<>=?~', '             '))",
                        ),
                        name="sign_in_by_words",
                    ),
                    models.Index(
                        condition=models.Q(("outcome", "OK"), _negated=True),
                        fields=["-id"],
                        name="sign_in_refused",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Entry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("time", models.BigIntegerField(verbose_name="time, unix ms")),
                ("address", models.CharField(blank=True, max_length=45)),
                ("action", models.CharField(max_length=32)),
                ("model", models.CharField(blank=True, max_length=64, verbose_name="what")),
                ("key", models.CharField(blank=True, max_length=64)),
                ("label", models.CharField(blank=True, max_length=128, verbose_name="which")),
                ("login", models.BigIntegerField(null=True, verbose_name="login it is about")),
                ("reason", models.CharField(blank=True, max_length=256)),
                ("before", models.JSONField(default=dict)),
                ("after", models.JSONField(default=dict)),
                ("form", models.CharField(max_length=36, null=True, unique=True)),
                (
                    "staff",
                    models.ForeignKey(
                        db_column="staff",
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "entries",
                "ordering": ["-id"],
                "indexes": [
                    models.Index(fields=["staff", "id"], name="audit_by_staff"),
                    models.Index(fields=["model", "key", "id"], name="audit_by_row"),
                    models.Index(
                        condition=models.Q(("login__isnull", False)),
                        fields=["login", "id"],
                        name="audit_by_login",
                    ),
                    models.Index(fields=["time"], name="audit_by_time"),
                    models.Index(fields=["action", "id"], name="audit_by_action"),
                    models.Index(fields=["model", "id"], name="audit_by_model"),
                    django.contrib.postgres.indexes.GinIndex(
                        models.Func(
                            "action",
                            "label",
                            "reason",
                            "key",
                            "address",
                            "model",
                            arg_joiner=" || ' ' || ",
                            output_field=django.contrib.postgres.search.SearchVectorField(),
                            template="to_tsvector('simple'::regconfig, translate(%(expressions)s, '@.-_+/:&<>=?~', '             '))",
                        ),
                        name="audit_by_words",
                    ),
                ],
            },
        ),
        migrations.RunSQL(MAKE, UNMAKE),
    ]
