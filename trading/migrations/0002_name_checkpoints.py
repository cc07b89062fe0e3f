from django.db import migrations


class Migration(migrations.Migration):
    """Rename a model whose table keeps its name: neither step sends SQL about the table."""

    dependencies = [("trading", "0001_initial")]

    operations = [
        migrations.AlterModelTable("EnginePlace", "trading_engineplace"),
        migrations.RenameModel("EnginePlace", "EngineCheckpoint"),
    ]
