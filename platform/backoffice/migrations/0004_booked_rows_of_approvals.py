from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [
        ("backoffice", "0003_outcome_of_approvals"),
    ]

    operations = [
        migrations.AddField(
            model_name="approval",
            name="booked",
            field=models.CharField(
                blank=True, db_default="", max_length=128, verbose_name="the row that was booked"
            ),
        ),
        migrations.AddIndex(
            model_name="approval",
            index=models.Index(
                condition=~Q(booked=""), fields=["booked"], name="approval_by_booked_row"
            ),
        ),
    ]
