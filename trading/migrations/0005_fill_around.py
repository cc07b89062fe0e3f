from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("trading", "0004_closed_rows_stand")]

    operations = [
        migrations.AlterField(
            model_name="fill",
            name="around",
            field=models.JSONField(default=list, verbose_name="the quotes around it, oldest first"),
        ),
        migrations.AddIndex(
            model_name="fill",
            index=models.Index(
                condition=models.Q(("around", [])), fields=["id"], name="fill_without_quotes"
            ),
        ),
    ]
