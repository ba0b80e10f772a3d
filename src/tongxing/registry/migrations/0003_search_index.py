from django.db import migrations

# SQLite: an FTS5 table with one row of blank-separated tokens per entry. PostgreSQL: a tsvector column with a GIN index.
SQLITE = [
    "CREATE VIRTUAL TABLE registry_search_fts USING fts5(grams, detail=none, columnsize=0, tokenize=\"unicode61 remove_diacritics 0\")",
]
POSTGRESQL = [
    "ALTER TABLE registry_searchentry ADD COLUMN grams tsvector NOT NULL DEFAULT ''::tsvector",
    "CREATE INDEX registry_search_grams ON registry_searchentry USING gin (grams) WITH (fastupdate = off)",
]


def make(apps, schema_editor):
    for statement in POSTGRESQL if schema_editor.connection.vendor == "postgresql" else SQLITE:
        schema_editor.execute(statement)


def unmake(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("ALTER TABLE registry_searchentry DROP COLUMN grams")
    else:
        schema_editor.execute("DROP TABLE registry_search_fts")


class Migration(migrations.Migration):
    dependencies = [("registry", "0002_organisations_and_search")]

    operations = [migrations.RunPython(make, unmake)]
