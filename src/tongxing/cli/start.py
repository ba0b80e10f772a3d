"""Bringing up Django for a command, and saying so when the data folder is not ready."""

import os

from tongxing.core.errors import Refused

# Stands in the data folder once `migrate-to-postgres` has taken the SQLite database to PostgreSQL.
MOVED = "moved-to-postgresql.json"


def start_django() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tongxing.config.settings")
    import django

    django.setup()
    from django.conf import settings
    from django.utils import translation

    translation.activate(settings.LANGUAGE_CODE)  # messages of validators; requests activate it by themselves


def refuse_moved() -> None:
    """What was moved to PostgreSQL goes on there: new rows in the old file would be lost to everybody."""
    from django.conf import settings
    from django.db import connection

    if connection.vendor == "sqlite" and (settings.DATA_DIR / MOVED).exists():
        raise Refused(
            "这里的数据已经搬到 PostgreSQL。请设 TONGXING_DATABASE_URL；"
            f"确要退回 SQLite（搬迁以后的改动不在里面），请先删除 {settings.DATA_DIR / MOVED}。",
            code="moved",
        )


def pending_migrations() -> int:
    """How many migrations the database still lacks."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def start_with_data() -> None:
    """Django up, and a database that has been prepared by `tongxing migrate`."""
    start_django()
    from tongxing.backups.restoring import refuse_unfinished

    refuse_unfinished()
    refuse_moved()
    if pending_migrations():
        raise Refused("数据库还没有准备好，或版本落后。请先执行 tongxing migrate。", code="not_migrated")
