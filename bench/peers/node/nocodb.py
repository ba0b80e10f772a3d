"""NocoDB: its bulk interface (/api/v1/db/data/bulk), which its own import of files uses; on SQLite the later ones insert row by row."""

import json
from pathlib import Path
from typing import Any

from bench.case import Case

from .loading import load
from .place import Place
from .serving import Client, node, serving

EMAIL, PASSWORD, BATCH = "admin@example.com", "Benchmark-0", 1_000
TYPES = {
    "credit_code": "SingleLineText", "name": "SingleLineText", "industry": "SingleLineText", "employees": "Number", "revenue": "Decimal",
    "assets": "Decimal", "figures_year": "Number", "township": "SingleLineText", "address": "SingleLineText",
    "legal_representative": "SingleLineText", "contact_name": "SingleLineText", "contact_phone": "SingleLineText", "began_on": "Date",
    "status": "SingleLineText", "ended_on": "Date",
}  # fmt: skip


def bulk(case: Case) -> dict[str, Any]:
    place = Place(case, "nocodb")
    folder = case.facts["node_peers"]
    command = node(Path(__file__).with_suffix(".cjs"), folder)
    with serving(command, place.folder, _settings(place), "/api/v1/health") as client:
        client.headers["xc-auth"] = client.ask("POST", "/api/v1/auth/user/signin", {"email": EMAIL, "password": PASSWORD})["token"]
        base, identifier, table = _table(client, bool(case.url))
        # It makes no unique key on SQLite, so both engines get the peers' keys from outside.
        place.run(f"CREATE UNIQUE INDEX peer_enterprise_code ON {table} (credit_code)")
        place.run(f"CREATE INDEX peer_enterprise_name ON {table} (name)")
        return load(case, place, table, BATCH, lambda rows: client.ask("POST", f"/api/v1/db/data/bulk/noco/{base}/{identifier}", rows))


def _table(client: Client, schemas: bool) -> tuple[str, str, str]:
    """The base, the table as the interface calls it, and as the database does."""
    base = client.ask("POST", "/api/v2/meta/bases/", {"title": "benchmark"})["id"]
    columns = [{"column_name": name, "title": name, "uidt": kind} for name, kind in {"id": "ID", **TYPES}.items()]
    wanted = {"table_name": "enterprises", "title": "enterprises", "columns": columns}
    made = client.ask("POST", f"/api/v2/meta/bases/{base}/tables", wanted)
    return base, made["id"], f"{base}.{made['table_name']}" if schemas else made["table_name"]


def _settings(place: Place) -> dict[str, str]:
    quiet = {f"NC_DISABLE_{what}": "true" for what in ("TELE", "ERR_REPORTS", "PRODUCT_FEED", "SUPPORT_CHAT", "AUDIT")}
    admin = {"NC_ADMIN_EMAIL": EMAIL, "NC_ADMIN_PASSWORD": PASSWORD, "NC_AUTH_JWT_SECRET": "benchmark" * 4}
    return {**quiet, **admin, "NC_TOOL_DIR": str(place.folder), "NC_DB_JSON": json.dumps(_database(place))}


def _database(place: Place) -> dict[str, Any]:
    if not place.url:
        return {"client": "sqlite3", "connection": {"filename": str(place.file)}, "useNullAsDefault": True}
    return {"client": "pg", "connection": place.server, "searchPath": [place.schema]}
