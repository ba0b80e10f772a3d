"""The database itself refuses to alter or delete log entries and blocks."""

from django.db import migrations

from tongxing.audit import triggers


def create(apps, schema_editor):
    triggers.create(schema_editor.connection)


def drop(apps, schema_editor):
    triggers.drop(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_blocks")]
    operations = [migrations.RunPython(create, drop)]
