from django.db import migrations


class Migration(migrations.Migration):
    """Rename a model whose table keeps its name: neither step sends SQL about the table."""

    dependencies = [("alerts", "0001_initial")]

    operations = [
        migrations.AlterModelTable("AlertPlace", "alerts_alertplace"),
        migrations.RenameModel("AlertPlace", "AlertCheckpoint"),
    ]
