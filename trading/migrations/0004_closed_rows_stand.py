"""Closed rows are never edited in place (domain rules, section 5): the database refuses it."""

from django.db import migrations

# The row as a whole, so that a column of later migrations is guarded as well. States: 3 closed,
# 4 closed part, 6 deleted. A row becomes closed by one UPDATE or INSERT and then stands.
MAKE = """
CREATE FUNCTION trading_closed_row_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'order % of account % has ended: % is refused', OLD."order", OLD.login, TG_OP
        USING ERRCODE = 'integrity_constraint_violation',
        HINT = 'What was booked wrongly is corrected by a new row: services.correct.';
END $$;

CREATE TRIGGER closed_row_is_not_edited BEFORE UPDATE ON trading_trade FOR EACH ROW
    WHEN (OLD.state IN (3, 4, 6) AND OLD IS DISTINCT FROM NEW)
    EXECUTE FUNCTION trading_closed_row_stands();

CREATE TRIGGER closed_row_is_not_deleted BEFORE DELETE ON trading_trade FOR EACH ROW
    WHEN (OLD.state IN (3, 4, 6))
    EXECUTE FUNCTION trading_closed_row_stands();
"""
UNMAKE = """
DROP TRIGGER closed_row_is_not_deleted ON trading_trade;
DROP TRIGGER closed_row_is_not_edited ON trading_trade;
DROP FUNCTION trading_closed_row_stands();
"""


class Migration(migrations.Migration):
    dependencies = [("trading", "0003_trading_rules")]
    operations = [migrations.RunSQL(MAKE, UNMAKE)]
