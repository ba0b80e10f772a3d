"""Bitstring Status Lists (W3C): which credentials no longer hold, readable for anybody and saying nothing about anybody.

The place of a credential is drawn at random, so neighbours in the list have nothing in common; the database alone decides that a place is
given once (constraints, `ON CONFLICT DO NOTHING`), so no lock is held while many draw.
"""

import gzip
import json
import zlib
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from secrets import SystemRandom
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from tongxing.certificates.models import Certificate, CertificateStatus
from tongxing.core.errors import Refused

from .encodings import base64url, from_base64url
from .issuer import CONTEXT, did_of, moment
from .keys import Signer, signer
from .models import StatusEntry, StatusList
from .proofs import with_proof

SIZE = 131_072
"""Places in a list, the least that the standard allows (§6.1): fewer would tell who is meant."""
FULLEST = SIZE // 2
ROUNDS = 64
RESIGN_AFTER, HOLDS_FOR = timedelta(days=1), timedelta(days=7)
PIECE = 500
_random = SystemRandom()


def entries_for(certificates: Sequence[Certificate]) -> dict[int, StatusEntry]:
    """The standing place of each certificate's credential, drawn where it has none. The number of queries does not depend on how many."""
    wanted = {one.pk for one in certificates}
    found = _standing(wanted)
    for _ in range(ROUNDS):
        missing = sorted(wanted - found.keys())
        if not missing:
            return found
        place = _open_list(len(missing))
        drawn = [StatusEntry(list=place, index=index, certificate_id=pk) for index, pk in zip(_draw(len(missing)), missing, strict=True)]
        # A place that is taken, or a certificate that somebody else placed meanwhile, is passed over and looked at again.
        StatusEntry.objects.bulk_create(drawn, ignore_conflicts=True, batch_size=PIECE)
        found = _standing(wanted)
    raise Refused("状态清单里暂时找不到空位，没有签发。请稍后再试。", code="list_full")


def _draw(count: int) -> list[int]:
    return _random.sample(range(SIZE), count)


def _standing(certificates: Iterable[int]) -> dict[int, StatusEntry]:
    rows = StatusEntry.objects.filter(certificate__in=certificates, ended_at=None).select_related("list")
    return {row.certificate_id: row for row in rows}


def _open_list(coming: int) -> StatusList:
    """The list that is being filled; a half-full one is closed, because drawing would get slow."""
    held = StatusList.objects.filter(is_open=True).first()
    if held and held.entries.count() + coming <= FULLEST:
        return held
    try:
        with transaction.atomic():
            if held:
                StatusList.objects.filter(pk=held.pk).update(is_open=False)
            last = StatusList.objects.order_by("-number").values_list("number", flat=True).first() or 0
            return StatusList.objects.create(number=last + 1)
    except IntegrityError:
        return StatusList.objects.get(is_open=True)


def packed(indexes: Iterable[int], size: int = SIZE) -> str:
    """encodedList: a bit for each place, the first one leftmost, gzipped, multibase base64url (§3.3)."""
    bits = bytearray(size // 8)
    for index in indexes:
        if not 0 <= index < size:
            raise ValueError("no place of this list")
        bits[index // 8] |= 0x80 >> index % 8
    return "u" + base64url(gzip.compress(bytes(bits), mtime=0))


def is_set(encoded: str, index: int, size: int = SIZE) -> bool:
    """Whether the bit of a place is set; ValueError for what is no such list."""
    if not encoded.startswith("u") or not 0 <= index < size:
        raise ValueError("no status list, or no place of it")
    try:
        bits = zlib.decompressobj(wbits=31).decompress(from_base64url(encoded[1:]), size // 8 + 1)  # never more than a list is long
    except zlib.error:
        raise ValueError("no gzip") from None
    if len(bits) != size // 8:
        raise ValueError("not as long as a list is")
    return bool(bits[index // 8] & 0x80 >> index % 8)


def address(base: str, number: int) -> str:
    return f"{base}/credentials/status/{number}/"


def published(row: StatusList, base: str) -> str:
    """The signed list as JSON, signed anew when a certificate ended since, the key or address changed, or a day went by."""
    now = timezone.now()
    ended = row.entries.filter(ended_at=None).exclude(certificate__status=CertificateStatus.VALID)
    if ended.exists():
        ended.update(ended_at=now)
    elif row.document and row.signed_at and now - row.signed_at < RESIGN_AFTER and row.basis == _basis(row, base, signer()):
        return row.document
    key = signer()
    document = _signed(row, base, key, now)
    row.document, row.basis, row.signed_at = json.dumps(document, ensure_ascii=False), _basis(row, base, key), now
    row.save(update_fields=["document", "basis", "signed_at"])
    return row.document


def _basis(row: StatusList, base: str, key: Signer) -> str:
    return sha256(f"{row.pk}|{base}|{key.kid}|{row.entries.exclude(ended_at=None).count()}".encode()).hexdigest()


def _signed(row: StatusList, base: str, key: Signer, now: datetime) -> dict[str, Any]:
    place, issuer = address(base, row.number), did_of(base)
    ended = row.entries.exclude(ended_at=None).values_list("index", flat=True)
    document = {
        "@context": [CONTEXT],
        "id": place,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": issuer,
        "validFrom": moment(now),
        "validUntil": moment(now + HOLDS_FOR),
        "credentialSubject": {
            "id": f"{place}#list",
            "type": "BitstringStatusList",
            "statusPurpose": "revocation",
            "encodedList": packed(ended),
        },
    }
    return with_proof(document, sign=key.sign, method=f"{issuer}#{key.kid}", created=moment(now))
