"""The database itself refuses to change, replace or delete a frozen report. Both engines.

A migration that rebuilds the table must call `create` again: SQLite drops triggers with the old table.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

TABLE = "targets_frozenreport"
MESSAGE = "frozen reports never change"
NAMES = (f"{TABLE}_no_update", f"{TABLE}_no_delete", f"{TABLE}_no_replace")
_ABORT = f"BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END"
SQLITE = (
    f"CREATE TRIGGER {TABLE}_no_update BEFORE UPDATE ON {TABLE} {_ABORT}",
    f"CREATE TRIGGER {TABLE}_no_delete BEFORE DELETE ON {TABLE} {_ABORT}",
    # INSERT OR REPLACE deletes without asking the delete trigger.
    (
        f"CREATE TRIGGER {TABLE}_no_replace BEFORE INSERT ON {TABLE} "  # noqa: S608 - constants only
        f"WHEN EXISTS (SELECT 1 FROM {TABLE} WHERE id = NEW.id OR uid = NEW.uid OR number = NEW.number) {_ABORT}"
    ),
)
POSTGRESQL = (
    (
        f"CREATE OR REPLACE FUNCTION {TABLE}_stays() RETURNS trigger LANGUAGE plpgsql AS $$ "
        f"BEGIN RAISE EXCEPTION '{MESSAGE}' USING ERRCODE = 'integrity_constraint_violation'; END $$"
    ),
    f"CREATE TRIGGER {TABLE}_no_update BEFORE UPDATE ON {TABLE} FOR EACH ROW EXECUTE FUNCTION {TABLE}_stays()",
    f"CREATE TRIGGER {TABLE}_no_delete BEFORE DELETE ON {TABLE} FOR EACH ROW EXECUTE FUNCTION {TABLE}_stays()",
    f"CREATE TRIGGER {TABLE}_no_replace BEFORE TRUNCATE ON {TABLE} FOR EACH STATEMENT EXECUTE FUNCTION {TABLE}_stays()",
)


def create(connection: Any) -> None:
    """Put the triggers in place (migration; tests after a flush)."""
    drop(connection)
    with connection.cursor() as cursor:
        for statement in POSTGRESQL if connection.vendor == "postgresql" else SQLITE:
            cursor.execute(statement)


def drop(connection: Any) -> None:
    """Take the triggers away (reverse migration; tests before a flush)."""
    with connection.cursor() as cursor:
        for name in NAMES:
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}{f' ON {TABLE}' if connection.vendor == 'postgresql' else ''}")


@contextmanager
def lifted(connection: Any) -> Iterator[None]:
    """Without the triggers inside the running transaction: for clearing demonstration data, which is nobody's record."""
    drop(connection)
    yield
    create(connection)
