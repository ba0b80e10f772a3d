"""Sealing: unsealed entries go into blocks, each block's hash covers its entries, their number and the block before.

Writers never wait: `seal` touches only the `block` column of entries that are committed. Whoever lacks the key cannot make a block that
verifies; whoever holds the database only cannot rewrite the log unseen.
"""

import hmac
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connection, transaction
from django.utils import timezone

from tongxing.core.secrets import read_or_make

from . import anchor
from .models import Block, Entry

BLOCK_SIZE = 1000
LOCK_NUMBER = 0x74786175
"""Any number will do, as long as nobody else takes it: the advisory lock that lets one sealer work at a time (PostgreSQL)."""
START = "0" * 64


def key() -> bytes:
    """The seal key, made on first use. With blocks in the log and no key file, a new key would hide the loss: refuse."""
    file = Path(settings.KEY_DIR) / "audit.key"
    if not file.exists() and Block.objects.exists():
        raise ImproperlyConfigured(f"审计封存密钥 {file} 不见了。请从备份中恢复，否则已封存的日志无法校验。")
    return read_or_make(file).encode()


def seal(now: datetime | None = None) -> int:
    """Seal everything committed so far; returns the number of new blocks. The worker calls it every minute."""
    made = 0
    while _seal_one(now or timezone.now()):
        made += 1
    anchor.catch_up()
    return made


@transaction.atomic
def _seal_one(now: datetime) -> bool:
    # On SQLite the IMMEDIATE transaction is the lock.
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK_NUMBER])
    entries = list(Entry.objects.filter(block=None).order_by("id")[:BLOCK_SIZE])
    if not entries:
        return False
    last = Block.objects.order_by("-number").values("number", "hash").first() or {"number": 0, "hash": START}
    seal_key = key()
    digests = [digest(entry, seal_key) for entry in entries]
    block = Block(number=last["number"] + 1, sealed_at=now, entry_count=len(entries), previous_hash=last["hash"])
    block.digests = [[entry.pk, full[:16]] for entry, full in zip(entries, digests, strict=True)]
    block.hash = block_hash(block, digests, seal_key)
    block.save(force_insert=True)
    Entry.objects.filter(pk__in=[entry.pk for entry in entries], block=None).update(block=block)
    return True


def digest(entry: Entry, seal_key: bytes) -> str:
    """HMAC-SHA-256 over the canonical JSON of one entry, as it reads from the database."""
    facts = [
        entry.pk,
        _instant(entry.at),
        entry.actor_id,
        entry.actor_name,
        entry.on_behalf_of,
        entry.act,
        entry.object_type,
        entry.object_id,
        entry.object_label,
        entry.area_code,
        entry.before,
        entry.after,
        entry.reason,
        entry.request_id,
    ]
    return _hmac(facts, seal_key)


def block_hash(block: Block, digests: Iterable[str], seal_key: bytes) -> str:
    facts = [block.number, _instant(block.sealed_at), block.entry_count, block.previous_hash, block.digests, list(digests)]
    return _hmac(facts, seal_key)


def _hmac(facts: list[object], seal_key: bytes) -> str:
    canonical = json.dumps(facts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hmac.new(seal_key, canonical.encode(), sha256).hexdigest()


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
