from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="account",
            name="margin_seen",
            field=models.BigIntegerField(
                db_default=0,
                default=0,
                editable=False,
                verbose_name="number of the newest quote known when the margin was changed last",
            ),
        ),
    ]
