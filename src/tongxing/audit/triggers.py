"""The database itself refuses to alter or delete what was logged; only `block` may be set, once. Both engines.

A migration that rebuilds one of the tables must call `create` again (SQLite drops triggers with the old table); `verify` reports lost ones.
"""

from typing import Any

MESSAGE = "the audit log is append-only"
NAMES = frozenset(
    {"audit_entry_no_update", "audit_entry_no_delete", "audit_entry_no_replace", "audit_block_no_update", "audit_block_no_delete"}
)
COLUMNS = (
    "id",
    "at",
    "actor_id",
    "actor_name",
    "on_behalf_of",
    "act",
    "object_type",
    "object_id",
    "object_label",
    "area_code",
    "before",
    "after",
    "reason",
    "request_id",
)
_SAME = " AND ".join(f'NEW."{column}" IS OLD."{column}"' for column in COLUMNS)
_ABORT = f"BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END"
SQLITE = (
    (
        f"CREATE TRIGGER audit_entry_no_update BEFORE UPDATE ON audit_entry "
        f"WHEN NOT (OLD.block_id IS NULL AND NEW.block_id IS NOT NULL AND {_SAME}) {_ABORT}"
    ),
    f"CREATE TRIGGER audit_entry_no_delete BEFORE DELETE ON audit_entry {_ABORT}",
    # INSERT OR REPLACE deletes without asking the delete trigger.
    (
        f"CREATE TRIGGER audit_entry_no_replace BEFORE INSERT ON audit_entry "  # noqa: S608 - constants only
        f"WHEN EXISTS (SELECT 1 FROM audit_entry WHERE id = NEW.id) {_ABORT}"
    ),
    f"CREATE TRIGGER audit_block_no_update BEFORE UPDATE ON audit_block {_ABORT}",
    f"CREATE TRIGGER audit_block_no_delete BEFORE DELETE ON audit_block {_ABORT}",
)
POSTGRESQL = (
    (
        f"CREATE OR REPLACE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ "
        f"BEGIN RAISE EXCEPTION '{MESSAGE}' USING ERRCODE = 'integrity_constraint_violation'; END $$"
    ),
    (
        "CREATE TRIGGER audit_entry_no_update BEFORE UPDATE ON audit_entry FOR EACH ROW "
        "WHEN (NOT (OLD.block_id IS NULL AND NEW.block_id IS NOT NULL AND (to_jsonb(OLD) - 'block_id') = (to_jsonb(NEW) - 'block_id'))) "
        "EXECUTE FUNCTION audit_append_only()"
    ),
    "CREATE TRIGGER audit_entry_no_delete BEFORE DELETE ON audit_entry FOR EACH ROW EXECUTE FUNCTION audit_append_only()",
    "CREATE TRIGGER audit_entry_no_replace BEFORE TRUNCATE ON audit_entry FOR EACH STATEMENT EXECUTE FUNCTION audit_append_only()",
    "CREATE TRIGGER audit_block_no_update BEFORE UPDATE OR TRUNCATE ON audit_block FOR EACH STATEMENT EXECUTE FUNCTION audit_append_only()",
    "CREATE TRIGGER audit_block_no_delete BEFORE DELETE ON audit_block FOR EACH ROW EXECUTE FUNCTION audit_append_only()",
)


def create(connection: Any) -> None:
    """Put the triggers in place (migration; tests after a flush)."""
    with connection.cursor() as cursor:
        for statement in POSTGRESQL if connection.vendor == "postgresql" else SQLITE:
            cursor.execute(statement)


def drop(connection: Any) -> None:
    """Take the triggers away (reverse migration; tests before a flush)."""
    with connection.cursor() as cursor:
        for name in sorted(NAMES):
            table = "audit_entry" if name.startswith("audit_entry") else "audit_block"
            on_table = f" ON {table}" if connection.vendor == "postgresql" else ""
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}{on_table}")


def missing(connection: Any) -> list[str]:
    """Names of triggers that should stand in the database and do not, or are switched off."""
    question = (
        "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled IN ('O', 'A')"
        if connection.vendor == "postgresql"
        else "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    )
    with connection.cursor() as cursor:
        cursor.execute(question)
        return sorted(NAMES - {row[0] for row in cursor.fetchall()})
