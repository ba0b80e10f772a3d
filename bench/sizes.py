"""How large the country is that is measured."""

from typing import NamedTuple

# The province whose rosters are imported: Henan, or the one of this code in an invented tree.
PROVINCE = 41
PROVINCE_AREA = PROVINCE * 10**10


class Size(NamedTuple):
    """Enterprises in the full database, rows of an ordinary roster, rows of the large roster.

    `seconds` is how long servers are asked, `small_tree` whether the country has 1,000 places instead of 44,000. `whole`: too large to copy. Then the
    jobs on the full database run on the template itself, a round each, and it is no template afterwards; what a smaller size answers as well is left out.
    """

    name: str
    full: int
    roster: int
    large: int
    seconds: float = 6.0
    small_tree: bool = False
    whole: bool = False


SIZES = {
    size.name: size
    for size in (
        Size("smoke", 600, 200, 200, 1.0, small_tree=True),
        Size("tiny", 2_000, 400, 400, 2.0),
        Size("10k", 10_000, 2_000, 10_000),
        Size("100k", 100_000, 100_000, 100_000),
        Size("1M", 1_000_000, 100_000, 1_000_000),
        Size("10M", 10_000_000, 100_000, 1_000_000, whole=True),
    )
}
