"""A trigger that forbids changing a frozen report behind the model's back, on both engines."""

from django.db import migrations

TABLE = "targets_frozenreport"
POSTGRESQL = f"""
CREATE FUNCTION {TABLE}_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'frozen reports never change'; END $$;
CREATE TRIGGER {TABLE}_no_update BEFORE UPDATE ON {TABLE} FOR EACH ROW EXECUTE FUNCTION {TABLE}_stays();
"""
SQLITE = f"""
CREATE TRIGGER {TABLE}_no_update BEFORE UPDATE ON {TABLE}
BEGIN SELECT RAISE(ABORT, 'frozen reports never change'); END;
"""


def add(apps, schema_editor):
    schema_editor.execute(POSTGRESQL if schema_editor.connection.vendor == "postgresql" else SQLITE)


def remove(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"DROP TRIGGER {TABLE}_no_update ON {TABLE}; DROP FUNCTION {TABLE}_stays()")
    else:
        schema_editor.execute(f"DROP TRIGGER {TABLE}_no_update")


class Migration(migrations.Migration):
    dependencies = [("targets", "0001_tables")]
    operations = [migrations.RunPython(add, remove)]
