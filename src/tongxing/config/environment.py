"""Reads TONGXING_* variables; a value that makes no sense stops the start with a sentence, never with a guess."""

import os
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

# A server that is not there is noticed in seconds, not when the system gives up after minutes; libpq's names, and the URL may say otherwise.
PATIENCE: dict[str, object] = {
    "connect_timeout": "5",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "20000",
}
TRUE = {"1", "true", "yes", "on"}
FALSE = {"0", "false", "no", "off", ""}


def text(name: str, default: str = "") -> str:
    return os.environ.get(name, default).strip()


def flag(name: str, default: bool = False) -> bool:
    raw = os.environ.get(name)
    if raw is None:
        return default
    value = raw.strip().lower()
    if value in TRUE:
        return True
    if value in FALSE:
        return False
    raise ImproperlyConfigured(f"{name} 应为 1 或 0，现在是“{raw}”。")


def number(name: str, default: int, *, least: int = 0) -> int:
    raw = os.environ.get(name)
    if raw is None:
        return default
    try:
        value = int(raw)
    except ValueError:
        raise ImproperlyConfigured(f"{name} 应为整数，现在是“{raw}”。") from None
    if value < least:
        raise ImproperlyConfigured(f"{name} 不能小于 {least}，现在是 {value}。")
    return value


def folder(name: str, default: Path) -> Path:
    return Path(text(name) or default).expanduser().resolve()


def words(name: str, default: str = "") -> list[str]:
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def networks(name: str) -> list[IPv4Network | IPv6Network]:
    """Addresses or networks (10.0.0.1, 10.0.0.0/8, fd00::/8), with commas between."""
    try:
        return [ip_network(word) for word in words(name)]
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} 应为 IP 地址或网段，逗号分隔，例如 127.0.0.1,10.0.0.0/8：{error}") from None


SQLITE_PRAGMAS = "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-32000; PRAGMA temp_store=MEMORY;"


def database(name: str, sqlite_file: Path) -> dict[str, object]:
    """One Django database entry: PostgreSQL when `name` holds postgresql://user:password@host:port/database, else SQLite (WAL)."""
    url = text(name)
    if not url:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": sqlite_file,
            # Kept open: closing the last connection writes the whole WAL back into the file, and the next request waits for it.
            "CONN_MAX_AGE": None,
            "OPTIONS": {"timeout": 20, "transaction_mode": "IMMEDIATE", "init_command": SQLITE_PRAGMAS},
        }
    return postgresql(name, url)


def postgresql(name: str, url: str) -> dict[str, object]:
    """The entry for a PostgreSQL address, with its own connections, a pool of them, or behind PgBouncer in transaction mode."""
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"} or not parts.path.strip("/"):
        raise ImproperlyConfigured(f"{name} 应形如 postgresql://用户:口令@主机:5432/库名。")
    query: dict[str, object] = dict(parse_qsl(parts.query))
    host = query.pop("host", parts.hostname or "")
    pool, behind_pgbouncer = number("TONGXING_DATABASE_POOL", 0), flag("TONGXING_DATABASE_PGBOUNCER")
    if pool and behind_pgbouncer:
        raise ImproperlyConfigured("TONGXING_DATABASE_PGBOUNCER 为 1 时连接池由 PgBouncer 管，请不要再设 TONGXING_DATABASE_POOL。")
    if pool:
        query["pool"] = {"min_size": 1, "max_size": pool, "timeout": 5}
    # A transaction pooler gives the next transaction another session: nothing may be left behind in this one. Prepared statements are
    # Django's choice already (off); said here because a change of that default would break it.
    query["prepare_threshold"] = None
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 0 if pool else 60,
        "CONN_HEALTH_CHECKS": True,
        "DISABLE_SERVER_SIDE_CURSORS": behind_pgbouncer,
        "OPTIONS": PATIENCE | query,
    }
