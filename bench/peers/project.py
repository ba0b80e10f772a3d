"""A Django project with one table, as django-import-export's users have it."""

from typing import Any
from urllib.parse import parse_qsl, urlsplit

import django
from django.apps import AppConfig
from django.conf import settings

from bench.case import Case


class Peer(AppConfig):
    """The app of the table: django-import-export copies rows, and a copy is looked up by its app."""

    name = "bench.peers"
    label = "peer"


def database(case: Case) -> dict[str, Any]:
    if case.engine == "sqlite":
        options = {"transaction_mode": "IMMEDIATE", "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"}
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": case.sqlite_file, "OPTIONS": options}
    parts = urlsplit(case.url)
    host = dict(parse_qsl(parts.query))["host"]
    return {"ENGINE": "django.db.backends.postgresql", "NAME": parts.path.lstrip("/"), "USER": parts.username, "HOST": host}


def enterprise_table(case: Case) -> Any:
    """The model, its table made; django-import-export is configured with the project."""
    settings.configure(DATABASES={"default": database(case)}, INSTALLED_APPS=["import_export", "bench.peers.project.Peer"], USE_TZ=True)
    django.setup()
    from django.db import connection, models

    class Enterprise(models.Model):
        credit_code = models.CharField(max_length=18, unique=True)
        name = models.CharField(max_length=128, db_index=True)
        industry = models.CharField(max_length=5, blank=True)
        employees = models.IntegerField(null=True)
        revenue = models.DecimalField(max_digits=16, decimal_places=2, null=True)
        assets = models.DecimalField(max_digits=16, decimal_places=2, null=True)
        figures_year = models.SmallIntegerField(null=True)
        township = models.CharField(max_length=60, blank=True)
        address = models.CharField(max_length=200, blank=True)
        legal_representative = models.CharField(max_length=60, blank=True)
        contact_name = models.CharField(max_length=60, blank=True)
        contact_phone = models.CharField(max_length=20, blank=True)
        began_on = models.DateField(null=True)
        status = models.CharField(max_length=12, blank=True)
        ended_on = models.DateField(null=True)

        class Meta:
            app_label = "peer"

    with connection.schema_editor() as editor:
        editor.create_model(Enterprise)
    return Enterprise
