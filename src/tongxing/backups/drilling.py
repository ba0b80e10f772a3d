"""The drill: the newest backup is restored into a temporary place by the same commands that a person would use, looked at, and cleared away.

Each step is a process of its own with its own data folder and database, so that nothing of the running installation helps it along.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import Any
from urllib.parse import quote, urlencode

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.crypto import get_random_string
from psycopg import sql
from psycopg.errors import Error as PostgresError

from tongxing.audit.log import Actor, record
from tongxing.core.errors import Refused

from . import places, postgres
from .archive import Tell, silent
from .making import beats, give_up_lost, noted
from .models import Drill, State
from .sealed import read_header

PREFIX = "tongxing_drill_"


def drill(*, passphrase: str, by: Actor, source: Path | None = None, keys: Path | None = None, tell: Tell = silent) -> dict[str, Any]:
    """Restore the newest backup (or `source`) beside the installation and say what was found. `keys`: a folder of escrowed keys to prove."""
    chosen = source or next(iter(places.own_backups()), None)
    if chosen is None:
        raise Refused(f"{places.folder()} 里还没有备份。请先执行 tongxing backup。", code="no_backup")
    row = _begin(chosen)
    started = monotonic()
    with noted(row):
        told = beats(row, tell)
        report = {"backup": str(chosen), **_tried(chosen, passphrase, keys, told)}
        report["seconds"] = {**report["seconds"], "total": round(monotonic() - started, 2)}
        _done(row, report, by=by)
    return report


def _begin(source: Path) -> Drill:
    give_up_lost()
    try:
        with transaction.atomic():
            return Drill.objects.create(backup_name=source.name)
    except IntegrityError:
        raise Refused("另一次恢复演练正在进行。请等它完成。", code="running") from None


@transaction.atomic
def _done(row: Drill, report: dict[str, Any], *, by: Actor) -> None:
    row.state = State.FAILED if report["findings"] else State.DONE
    row.finished_at, row.seconds, row.row_count = timezone.now(), report["seconds"]["total"], report["rows"]
    row.message = "；".join(report["findings"])[:500]
    row.save(update_fields=["state", "finished_at", "seconds", "row_count", "message"])
    record("backups.drill", by=by, of=row, after={"用时（秒）": row.seconds, "行数": row.row_count, "发现问题": len(report["findings"])})


def _tried(source: Path, passphrase: str, keys: Path | None, tell: Tell) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(dir=settings.DATA_DIR, prefix=".drill-") as folder, _database() as url:
        data = Path(folder) / "data"
        data.mkdir(mode=0o700)
        if keys is not None or not read_header(source).get("with_keys"):
            shutil.copytree(keys or settings.KEY_DIR, data / "keys")
        environment = _environment(data, url, passphrase)
        seconds: dict[str, float] = {}
        tell("恢复到临时位置", 0, 2)
        restored = _run(["restore", str(source)], environment, seconds)
        if restored.get("status") != "applied":
            reason = restored.get("refused", {}).get("message") or "恢复没有做完。"
            return {"rows": 0, "tables": {}, "seconds": seconds, "findings": [reason]}
        tell("核验", 1, 2)
        seen = _run(["inspect"], environment, seconds)
        tell("核验", 2, 2)
    findings = seen.get("findings", ["恢复出来的数据打不开。"])
    tables = restored["tables"]
    rows = sum(table["rows"] for table in tables.values())
    return {
        "made_at": restored["made_at"],
        "rows": rows,
        "tables": tables,
        "seen": seen.get("seen", {}),
        "seconds": seconds,
        "findings": findings,
    }


def _environment(data: Path, url: str, passphrase: str) -> dict[str, str]:
    """The installation's own settings, with another folder and database and nothing that leads back to the running one."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in {"TONGXING_DATABASE_URL", "TONGXING_BACKUP_DIR"} and "REPLICA" not in name
    }
    made = {
        "TONGXING_DATA_DIR": str(data),
        "TONGXING_BACKUP_PASSPHRASE": passphrase,
        "DJANGO_SETTINGS_MODULE": "tongxing.config.settings",
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
    }
    return {**kept, **made, **({"TONGXING_DATABASE_URL": url} if url else {})}


def _run(arguments: list[str], environment: dict[str, str], seconds: dict[str, float]) -> dict[str, Any]:
    started = monotonic()
    done = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-m", "tongxing", *arguments, "--json"],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    seconds[arguments[0]] = round(monotonic() - started, 2)
    try:
        answer: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    except (IndexError, ValueError):
        return {"refused": {"message": (done.stderr.strip().splitlines() or ["没有说明"])[-1]}}
    return answer


@contextmanager
def _database() -> Iterator[str]:
    """An empty PostgreSQL database for the drill, dropped afterwards; nothing on SQLite."""
    if connection.vendor == "sqlite":
        yield ""
        return
    # Ours by name: another installation on the same server may be drilling, too.
    prefix = f"{PREFIX}{places.ring_fingerprint()}_"
    name = sql.Identifier(prefix + get_random_string(8, "abcdefghijkmnpqrstuvwxyz"))
    with postgres.connect(autocommit=True) as server:
        # Of a drill that was killed: only one runs at a time.
        for (left,) in server.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [prefix]).fetchall():
            server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(left)))
        try:
            server.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(name))
        except PostgresError as error:
            raise Refused(
                f"建不了演练用的临时数据库：{str(error).strip().splitlines()[0]}。请给数据库账号建库的权限（ALTER ROLE … CREATEDB）。",
                code="no_privilege",
            ) from None
        try:
            yield _url(name.as_string(None).strip('"'))
        finally:
            server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))


def _url(name: str) -> str:
    facts = connection.get_connection_params()
    who = f"{quote(str(facts.get('user', '')), safe='')}:{quote(str(facts.get('password', '')), safe='')}@"
    host, port = str(facts.get("host", "")), f":{facts['port']}" if facts.get("port") else ""
    more = {key: str(value) for key, value in connection.settings_dict["OPTIONS"].items() if isinstance(value, str)}
    if host.startswith("/"):
        more["host"], host = host, ""
    return f"postgresql://{who}{host}{port}/{name}" + (f"?{urlencode(more)}" if more else "")
