"""The scene: certificates of people in Jiyuan, and a photo made here."""

from datetime import date
from itertools import count
from typing import Any

import typst

from tongxing.areas.models import Area
from tongxing.certificates.models import Certificate
from tongxing.registry.tests.people_factories import a_person

BASE = "https://hr.example.gov.cn"
_serial = count(1)


def a_certificate(area: Area, *, name: str = "张晓明", holder: dict[str, Any] | None = None, **facts: Any) -> Certificate:
    values = {"kind": "skill_level", "level": 3, "issued_on": date(2023, 6, 1), "body_name": "济源某评价机构"}
    number = f"S000041000001233{next(_serial):06d}"
    return Certificate.objects.create(person=a_person(area, name=name, **(holder or {})), **{"number": number} | values | facts)


def a_picture(width: int = 600, height: int = 800, colour: str = "5f7f9f") -> bytes:
    """A PNG of one colour with a darker circle in it."""
    source = f'#set page(width: {width}pt, height: {height}pt, margin: 0pt, fill: rgb("{colour}"))\n#place(center + horizon, circle(radius: 90pt, fill: black))'
    made = typst.Compiler(source.encode()).compile(format="png", ppi=72.0)
    assert isinstance(made, bytes)
    return made
