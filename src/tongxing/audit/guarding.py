"""Putting lost triggers back (`tongxing migrate`). That they were gone stays in the log: somebody with the rights of the database took them."""

from django.db import connection, transaction

from . import log, triggers


@transaction.atomic
def restore(by: log.Actor) -> int:
    """Put back what is missing or switched off; returns how many triggers that were."""
    lost = triggers.missing(connection)
    if lost:
        triggers.drop(connection)
        triggers.create(connection)
        log.record("audit.restore_triggers", by=by, object_type="audit.entry", label="防改触发器", before={"缺失": lost})
    return len(lost)
