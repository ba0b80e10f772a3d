"""What migrations share that take indexes away."""

from typing import Any

from django.db import migrations, models


def without_index(model: str, name: str, field: "models.Field[Any, Any]", index: str, on: str) -> migrations.SeparateDatabaseAndState:
    """Drop the index that Django made for a field by itself. Altering the field would copy the whole table on SQLite; the index alone is what changes.

    `on` is the table and column, for the way back: `registry_posting (organisation_id)`.
    """
    return migrations.SeparateDatabaseAndState(
        database_operations=[migrations.RunSQL(f'DROP INDEX IF EXISTS "{index}"', f'CREATE INDEX "{index}" ON {on}')],
        state_operations=[migrations.AlterField(model, name, field)],
    )


def without_patterns(*indexes: tuple[str, str]) -> migrations.RunPython:
    """Drop indexes of PostgreSQL that serve nothing but LIKE, for columns of which nobody asks how they begin: (index, table (column))."""

    def away(apps: Any, schema_editor: Any) -> None:
        for index, _ in indexes if schema_editor.connection.vendor == "postgresql" else ():
            schema_editor.execute(f'DROP INDEX IF EXISTS "{index}"')

    def back(apps: Any, schema_editor: Any) -> None:
        for index, on in indexes if schema_editor.connection.vendor == "postgresql" else ():
            schema_editor.execute(f'CREATE INDEX "{index}" ON {on[:-1]} varchar_pattern_ops)')

    return migrations.RunPython(away, back)
