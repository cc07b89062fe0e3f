"""Indexes for the lists of the backoffice; the models say what each is for."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0006_list_indexes"),
        ("market", "0005_margin_factor"),
        ("trading", "0008_dashboard"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="trade",
            name="corrects",
            field=models.ForeignKey(
                db_column="corrects_order",
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="corrections",
                to="trading.trade",
            ),
        ),
        migrations.AlterField(
            model_name="trade",
            name="parent",
            field=models.ForeignKey(
                db_column="parent_order",
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="pieces",
                to="trading.trade",
            ),
        ),
        migrations.AddIndex(
            model_name="fill",
            index=models.Index(fields=["time", "id"], name="fill_by_time"),
        ),
        migrations.AddIndex(
            model_name="fill",
            index=models.Index(
                condition=models.Q(("kind", "activate")), fields=["-id"], name="fill_activations"
            ),
        ),
        migrations.AddIndex(
            model_name="marginaction",
            index=models.Index(fields=["kind", "-id"], name="margin_action_by_kind"),
        ),
        migrations.AddIndex(
            model_name="marginaction",
            index=models.Index(fields=["time", "id"], name="margin_action_by_time"),
        ),
        migrations.AddIndex(
            model_name="trade",
            index=models.Index(
                condition=models.Q(("parent__isnull", False)),
                fields=["parent"],
                name="trade_pieces",
            ),
        ),
        migrations.AddIndex(
            model_name="trade",
            index=models.Index(
                condition=models.Q(("corrects__isnull", False)),
                fields=["corrects"],
                name="trade_corrections",
            ),
        ),
        migrations.AddIndex(
            model_name="trade",
            index=models.Index(fields=["symbol", "-order"], name="trade_by_symbol"),
        ),
        migrations.AddIndex(
            model_name="trade",
            index=models.Index(fields=["open_time", "order"], name="trade_by_opening"),
        ),
        migrations.AddIndex(
            model_name="trade",
            index=models.Index(
                condition=models.Q(("close_time__gt", 0)),
                fields=["close_time", "order"],
                name="trade_by_close",
            ),
        ),
        migrations.AddIndex(
            model_name="trade",
            index=models.Index(
                condition=models.Q(("cmd__gt", 1)), fields=["cmd", "-order"], name="trade_by_cmd"
            ),
        ),
        migrations.AddIndex(
            model_name="trade",
            index=models.Index(
                condition=models.Q(("state__gt", 3)),
                fields=["state", "-order"],
                name="trade_by_state",
            ),
        ),
        migrations.AddIndex(
            model_name="trade",
            index=models.Index(
                condition=models.Q(("activation__gt", 0)),
                fields=["activation", "-order"],
                name="trade_by_activation",
            ),
        ),
    ]
