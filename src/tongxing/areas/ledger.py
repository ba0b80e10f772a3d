"""The ledger of touched leaves: rows are only added, so writers never wait for one another."""

from collections.abc import Iterable

from .models import TouchedLeaf


def touch(codes: Iterable[int | None]) -> None:
    """Note that figures of these areas may have changed. Call it inside the transaction that changes them."""
    TouchedLeaf.objects.bulk_create([TouchedLeaf(area_code=code) for code in sorted({code for code in codes if code is not None})])
