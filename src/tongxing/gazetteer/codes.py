"""What a division code says by itself: its level, the code above it, and what kind of place a name stands for."""

from tongxing.areas.models import Kind

SUFFIXES = (("街道办事处", Kind.STREET), ("街道", Kind.STREET), ("镇", Kind.TOWN), ("乡", Kind.TOWNSHIP), ("苏木", Kind.TOWNSHIP))
PARK_WORDS = ("开发区", "园区", "工业区", "产业集聚区", "高新区", "片区", "管委会", "管理委员会")


def full_code(raw: str) -> int:
    """A 2- to 12-digit code with its trailing zeros filled up: "419001" -> 419001000000. Raises ValueError for anything else."""
    digits = raw.strip()
    if not digits.isdigit() or not 2 <= len(digits) <= 12:
        raise ValueError(raw)
    return int(digits.ljust(12, "0"))


def township_kind(name: str) -> Kind:
    """The kind that a township-level name stands for."""
    for suffix, kind in SUFFIXES:
        if name.endswith(suffix):
            return kind
    return Kind.PARK if any(word in name for word in PARK_WORDS) else Kind.OTHER


def short_name(name: str, county_name: str) -> str:
    """A township's name without the county's in front: 济源市沁园街道 -> 沁园街道."""
    rest = name.removeprefix(county_name)
    return rest if len(rest) >= 2 else name
