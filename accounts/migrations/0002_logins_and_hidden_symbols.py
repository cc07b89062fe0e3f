import django.core.validators
from django.db import migrations, models

# Clients' logins are numbers from 100003 on; the demo has the two before.
CREATE = """
CREATE SEQUENCE accounts_login MINVALUE 100003;
SELECT setval('accounts_login', GREATEST(100003, 1 + max(login)), false)
FROM accounts_user WHERE type = 0;
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [
        migrations.RunSQL(CREATE, "DROP SEQUENCE accounts_login"),
        migrations.AddField(
            model_name="group",
            name="hidden_symbols",
            field=models.CharField(
                blank=True,
                help_text="Names and masks: BTC*,!BTCUSD hides all that begin with BTC, but not BTCUSD.",
                max_length=512,
                validators=[
                    django.core.validators.RegexValidator(
                        "\\A!?[^\\s,!]+(\\s*,\\s*!?[^\\s,!]+)*\\Z",
                        "Names and masks with commas between: BTC*,!BTCUSD",
                    )
                ],
            ),
        ),
        migrations.AddField(
            model_name="user",
            name="spared_jti",
            field=models.CharField(blank=True, editable=False, max_length=32),
        ),
    ]
