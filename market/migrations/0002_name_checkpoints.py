from django.db import migrations


class Migration(migrations.Migration):
    """Rename a model whose table keeps its name: neither step sends SQL about the table."""

    dependencies = [("market", "0001_initial")]

    operations = [
        migrations.AlterModelTable("CandlePlace", "market_candleplace"),
        migrations.RenameModel("CandlePlace", "CandleCheckpoint"),
    ]
