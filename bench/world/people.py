"""People by number: a valid resident ID number, a phone, and a certificate whose number agrees with its level and year."""

from datetime import date, timedelta
from random import Random
from typing import NamedTuple

from tongxing.core.identifiers import id_check_digit

from . import words

BORN_FROM, BORN_DAYS = date(1966, 1, 1), 12_000
CERTIFIED = 0.8
LEVELS, LEVEL_WEIGHTS = (1, 2, 3, 4), (1, 4, 55, 40)
SERIALS = 900_000


class Someone(NamedTuple):
    """What a roster says of one coordinator. `level` is 0 without a certificate."""

    number: int
    name: str
    id_number: str
    sex: int
    born_on: date
    phone: str
    post: str
    full_time: bool
    since: date
    level: int
    certificate: str
    issued_on: date | None


def someone(seed: int, number: int, county_code: int) -> Someone:
    """The person `number`; ID numbers differ for all numbers below 12 million."""
    random = Random(seed * 1_000_033 + number)
    born = BORN_FROM + timedelta(days=number % BORN_DAYS)
    sequence = number // BORN_DAYS % 1_000
    first17 = f"{county_code:06d}{born:%Y%m%d}{sequence:03d}"
    level = random.choices(LEVELS, LEVEL_WEIGHTS)[0] if random.random() < CERTIFIED else 0
    issued = date(2019, 1, 1) + timedelta(days=random.randrange(2_400)) if level else None
    return Someone(
        number=number,
        name=words.person(random),
        id_number=first17 + id_check_digit(first17),
        sex=1 if sequence % 2 else 2,
        born_on=born,
        phone=f"1{3 + number % 7}{number:09d}",
        post=random.choice(words.POSTS),
        full_time=random.random() < 0.2,
        since=date(2022, 1, 1) + timedelta(days=random.randrange(1_300)),
        level=level,
        certificate=certificate_number(number, county_code, level, issued) if issued else "",
        issued_on=issued,
    )


def certificate_number(number: int, county_code: int, level: int, issued: date) -> str:
    """S, body (4), province (2), site (6), year (2), level (1), serial (6)."""
    body, serial = divmod(number, SERIALS)
    return f"S{body:04d}{county_code // 10_000:02d}000001{issued:%y}{level}{serial + 1:06d}"
