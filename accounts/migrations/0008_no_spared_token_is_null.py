"""A user who spares no token has NULL there: an empty text was equal to an empty `jti`."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("accounts", "0007_account_rights")]

    operations = [
        migrations.AlterField(
            model_name="user",
            name="spared_jti",
            field=models.CharField(blank=True, editable=False, max_length=32, null=True),
        ),
        migrations.RunSQL(
            "UPDATE accounts_user SET spared_jti = NULL WHERE spared_jti = ''",
            "UPDATE accounts_user SET spared_jti = '' WHERE spared_jti IS NULL",
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.CheckConstraint(
                condition=~Q(spared_jti=""), name="user_spares_a_token_or_none"
            ),
        ),
    ]
