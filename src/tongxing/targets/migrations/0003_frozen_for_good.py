"""Frozen reports can neither be deleted nor replaced behind the model's back."""

from django.db import migrations

from tongxing.targets import triggers


def add(apps, schema_editor):
    triggers.create(schema_editor.connection)


def remove(apps, schema_editor):
    """Back to the one trigger of the migration before."""
    with schema_editor.connection.cursor() as cursor:
        for name in set(triggers.NAMES) - {f"{triggers.TABLE}_no_update"}:
            on_table = f" ON {triggers.TABLE}" if schema_editor.connection.vendor == "postgresql" else ""
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}{on_table}")


class Migration(migrations.Migration):
    dependencies = [("targets", "0002_frozen")]
    operations = [migrations.RunPython(add, remove)]
