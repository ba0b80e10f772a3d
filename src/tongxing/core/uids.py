"""Identifiers of many new rows at once."""

import os
import time

_VARIANT = "89ab"


def ordered_uids(count: int) -> list[str]:
    """`count` new UUIDs of version 7 (RFC 9562) as text: 48 bits of the time in milliseconds, the rest random.

    Rows that are written together stand together in the unique index: a page of it is written once and not for every row. What an
    address may show is decided by permission; 74 random bits are still beyond guessing.
    """
    stamp = f"{time.time_ns() // 1_000_000:012x}"
    head = f"{stamp[:8]}-{stamp[8:]}-7"
    digits = os.urandom(10 * count).hex()
    found = []
    for at in range(0, 20 * count, 20):
        part = digits[at : at + 20]
        found.append(f"{head}{part[:3]}-{_VARIANT[int(part[3], 16) & 3]}{part[4:7]}-{part[7:19]}")
    return found
