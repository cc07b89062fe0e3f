"""What was written down is neither edited nor deleted: the database refuses it."""

from django.db import migrations

MAKE = """
CREATE FUNCTION audit_entry_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'audit entry % stands: % is refused', OLD.id, TG_OP
        USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE TRIGGER audit_entry_stands BEFORE UPDATE OR DELETE ON audit_entry FOR EACH ROW
    EXECUTE FUNCTION audit_entry_stands();
"""
UNMAKE = """
DROP TRIGGER audit_entry_stands ON audit_entry;
DROP FUNCTION audit_entry_stands();
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]
    operations = [migrations.RunSQL(MAKE, UNMAKE)]
