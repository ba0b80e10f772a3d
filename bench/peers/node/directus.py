"""Directus: POST /items with many rows at once, without the history (accountability) that would write two rows more for each.

Its import of files (/utils/import) writes every row the same way and took longer.
"""

from pathlib import Path
from subprocess import run
from typing import Any

from bench.case import Case

from .loading import load
from .place import Place
from .serving import node, serving, surroundings

TOKEN, TABLE, BATCH = "benchmark", "peer_enterprise", 10_000
TYPES: dict[str, tuple[str, dict[str, Any]]] = {
    "credit_code": ("string", {"max_length": 18, "is_unique": True, "is_nullable": False}),
    "name": ("string", {"max_length": 128, "is_indexed": True}),
    "industry": ("string", {"max_length": 5}),
    "employees": ("integer", {}),
    "revenue": ("decimal", {"numeric_precision": 16, "numeric_scale": 2}),
    "assets": ("decimal", {"numeric_precision": 16, "numeric_scale": 2}),
    "figures_year": ("integer", {}),
    "township": ("string", {"max_length": 60}),
    "address": ("string", {"max_length": 200}),
    "legal_representative": ("string", {"max_length": 60}),
    "contact_name": ("string", {"max_length": 60}),
    "contact_phone": ("string", {"max_length": 20}),
    "began_on": ("date", {}),
    "status": ("string", {"max_length": 12}),
    "ended_on": ("date", {}),
}
KEY = {"field": "id", "type": "integer", "meta": {}, "schema": {"is_primary_key": True, "has_auto_increment": True}}


def items(case: Case) -> dict[str, Any]:
    place = Place(case, "directus")
    settings, program = _settings(place), Path(case.facts["node_peers"]) / "node_modules" / "@directus" / "api" / "dist" / "cli" / "run.js"
    run(node(program, "bootstrap"), cwd=place.folder, env=surroundings(place.folder, settings), check=True)
    with serving(node(program, "start"), place.folder, settings, "/server/info") as client:
        client.headers["Authorization"] = f"Bearer {TOKEN}"
        fields = [KEY, *({"field": name, "type": kind, "schema": more, "meta": {}} for name, (kind, more) in TYPES.items())]
        client.ask("POST", "/collections", {"collection": TABLE, "schema": {}, "meta": {"accountability": None}, "fields": fields})
        table = f"{place.schema}.{TABLE}" if case.url else TABLE
        # The answer would hold every row as it was written.
        return load(case, place, table, BATCH, lambda rows: client.ask("POST", f"/items/{TABLE}?fields=id&limit=1", rows))


def _settings(place: Place) -> dict[str, str]:
    limits = {"MAX_PAYLOAD_SIZE": "200mb", "RATE_LIMITER_ENABLED": "false", "PRESSURE_LIMITER_ENABLED": "false"}
    quiet = {"TELEMETRY": "false", "SERVE_APP": "false", "WEBSOCKETS_ENABLED": "false", "LOG_LEVEL": "warn"}
    admin = {"SECRET": "benchmark" * 4, "ADMIN_EMAIL": "admin@example.com", "ADMIN_PASSWORD": TOKEN, "ADMIN_TOKEN": TOKEN}
    return {**limits, **quiet, **admin, "STORAGE_LOCAL_ROOT": str(place.folder), **_database(place)}


def _database(place: Place) -> dict[str, str]:
    if not place.url:
        return {"DB_CLIENT": "sqlite3", "DB_FILENAME": str(place.file)}
    reached = {f"DB_{name.upper()}": value for name, value in place.server.items()}
    return {"DB_CLIENT": "pg", **reached, "DB_PASSWORD": "none", "DB_SEARCH_PATH": place.schema}
