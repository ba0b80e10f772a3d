"""What is the matter when the database or the disk fails under somebody's work, and what that person is told.

A rule that says no is `Refused`; this is for what no rule foresees. Nothing here needs the database.
"""

import errno
import sqlite3
import sys
from typing import NamedTuple

from django.db import InterfaceError, OperationalError

LOST = (OperationalError, InterfaceError)
"""What Django raises when the database is away, full or too busy; a programming error is none of these."""


class Outage(NamedTuple):
    """`code` is stable for machines; `looking` and `saving` say what to do to whoever opened a page and to whoever sent something in."""

    code: str
    title: str
    looking: str
    saving: str

    def sentence(self, *, saving: bool) -> str:
        return self.saving if saving else self.looking


AWAY = Outage(
    "database_away",
    "暂时连不上数据库",
    "系统暂时连不上数据库，正在自动重连。请等半分钟再刷新本页；一直不恢复的，请联系管理员。",
    "系统暂时连不上数据库，刚才的提交不一定保存了。请等半分钟，先打开原来的页面看有没有存上，没有再提交一次；一直不恢复的，请联系管理员。",
)
FULL = Outage(
    "database_full",
    "磁盘写不进去",
    "服务器的磁盘已满或写不进去，这一页打不开。请联系管理员清理磁盘，之后再刷新。",
    "服务器的磁盘已满或写不进去，数据库没有保存刚才的提交，原有数据不受影响。请联系管理员清理磁盘，之后再提交一次。",
)
BUSY = Outage(
    "database_busy",
    "数据库正忙",
    "数据库正忙，这一页一时打不开。请过几秒再刷新。",
    "数据库正忙，刚才的提交没有保存。请过几秒再提交一次。",
)
DISK = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
# PostgreSQL's codes: the server is going down, coming up, out of connections, or has become a read-only standby.
AWAY_STATES = {"57P01", "57P02", "57P03", "57P05", "53300", "25006"}
BUSY_STATES = {"40001", "40P01", "55P03"}
FULL_STATES = {"53100"}
FULL_SQLITE = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR}
BUSY_SQLITE = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


def outage_of(error: BaseException | None) -> Outage | None:
    """The outage behind an error, looked for in what caused it too; None where it is something else."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        if found := _outage_of(error):
            return found
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return None


def _outage_of(error: BaseException) -> Outage | None:
    if isinstance(error, OSError):
        return FULL if error.errno in DISK else None
    if _is_of_psycopg(error):
        return _of_postgresql(getattr(error, "sqlstate", None))
    if not isinstance(error, LOST):
        return None
    cause = error.__cause__
    return _of_sqlite(cause) if isinstance(cause, sqlite3.Error) else _of_postgresql(getattr(cause, "sqlstate", None))


def _is_of_psycopg(error: BaseException) -> bool:
    """The driver's own error: closing a cursor of the server is not wrapped by Django, and a form's choices are read through one."""
    psycopg = sys.modules.get("psycopg")
    return psycopg is not None and isinstance(error, (psycopg.OperationalError, psycopg.InterfaceError))


def _of_sqlite(error: sqlite3.Error) -> Outage | None:
    # The low byte is the kind; above it stands the detail.
    kind = getattr(error, "sqlite_errorcode", 0) & 0xFF
    return FULL if kind in FULL_SQLITE else BUSY if kind in BUSY_SQLITE else None


def _of_postgresql(state: str | None) -> Outage | None:
    if state is None:
        # libpq gives no state for a connection that broke, and Django has no cause for one it closed itself.
        return AWAY
    if state in FULL_STATES:
        return FULL
    if state in BUSY_STATES:
        return BUSY
    return AWAY if state in AWAY_STATES or state.startswith("08") else None
