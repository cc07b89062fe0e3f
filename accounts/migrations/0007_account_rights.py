"""What staff may do to accounts, as rights of their own."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("accounts", "0006_list_indexes")]

    operations = [
        migrations.AlterModelOptions(
            name="account",
            options={
                "ordering": ["user"],
                "permissions": [
                    ("open_account", "Can open accounts for clients"),
                    ("change_terms", "Can change an account's group and leverage"),
                    ("manage_access", "Can shut clients out, end sessions and reset passwords"),
                    ("move_money", "Can book deposits, withdrawals and credit"),
                ],
            },
        ),
    ]
