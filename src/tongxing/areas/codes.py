"""What a code and a name say: level, parent, kind. National codes have 2, 4, 6 or 9 significant digits; all are stored with 12."""

import re

from .models import Kind

LEVEL_KIND = {2: Kind.PROVINCE, 4: Kind.PREFECTURE, 6: Kind.COUNTY}
LOCAL_FIRST, LOCAL_LAST = 900, 999
"""Third-level numbers that the national table leaves free for streets and towns: parks without a national code take them."""
_PARK = re.compile(r"开发区|园区|产业集聚区|工业区|高新区|示范区|片区")


def full(code: str | int) -> int:
    """A code of 2, 4, 6, 9 or 12 digits as the 12-digit number."""
    text = str(code).strip()
    if not text.isascii() or not text.isdigit() or len(text) not in {2, 4, 6, 9, 12}:
        raise ValueError(f"area code {text!r}")
    return int(text.ljust(12, "0"))


def level(code: int) -> int:
    """How many digits of a 12-digit code are significant: 2, 4, 6, 9 or 12."""
    for digits, width in ((2, 10**10), (4, 10**8), (6, 10**6), (9, 10**3)):
        if code % width == 0:
            return digits
    return 12


def parent_codes(code: int) -> list[int]:
    """Possible parents, nearest first: Dongguan's towns have no county above them, so the city follows."""
    found = []
    for width in (10**3, 10**6, 10**8, 10**10):
        above = code - code % width
        if above != code and above not in found:
            found.append(above)
    return found


def is_pseudo(code: int) -> bool:
    """省直辖县级行政区划 and the like: a number in the table, no place on the map."""
    return level(code) == 4 and (code // 10**8) % 100 == 90


def kind_of(name: str, digits: int) -> Kind:
    """The kind of an area from its level and the ending of its name."""
    if digits in LEVEL_KIND:
        return LEVEL_KIND[digits]
    if name.endswith(("街道", "街道办事处", "街道办")):
        return Kind.STREET
    if name.endswith("镇"):
        return Kind.TOWN
    if name.endswith(("乡", "苏木")):
        return Kind.TOWNSHIP
    return Kind.PARK if _PARK.search(name) else Kind.OTHER


def short_name_of(name: str, code: int, county_name: str) -> str:
    """Names below a county that stands directly under its province carry the county's name ("济源市沁园街道"); the short name drops it."""
    short = name.removeprefix(county_name) if is_pseudo(code - code % 10**8) and level(code) == 9 else name
    return (short if len(short) >= 2 else name).removesuffix("办事处")
