"""Industries by GB/T 4754-2017 (data/industries.csv): codes are kept as the section letter or as two to four digits."""

import csv
import re
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from django.core.exceptions import ValidationError

from tongxing.core.identifiers import squeeze

DATA = Path(__file__).parent / "data" / "industries.csv"
_CODE_AND_NAME = re.compile(r"([A-T]?\d{2,4}|[A-T])[-－—:：.、()（）\s]*([^\dA-Z].*)")
_MARKS = re.compile(r"[\s、,，;；/()（）·\-]+")


class Industry(NamedTuple):
    code: str
    section: str
    name: str


@lru_cache(maxsize=1)
def industries() -> dict[str, Industry]:
    """All codes in the order of the standard; three-digit groups with a single class carry that class's name."""
    with DATA.open(encoding="utf-8", newline="") as file:
        return {row["code"]: Industry(row["code"], row["section"], row["name"]) for row in csv.DictReader(file)}


def _name_key(name: str) -> str:
    return _MARKS.sub("", squeeze(name))


@lru_cache(maxsize=1)
def _by_name() -> dict[str, str]:
    """Name → the deepest code that carries it (水泥制造 → 3011), for names that one branch of the tree carries."""
    found: dict[str, str] = {}
    for industry in industries().values():
        key = _name_key(industry.name)
        held = found.get(key)
        if held is None or industry.code.startswith(held) or (len(held) == 1 and industry.section == held):
            found[key] = industry.code
        else:
            found[key] = held if held.startswith(industry.code) else ""
    return {key: code for key, code in found.items() if code}


def title(code: str) -> str:
    """ "水泥制造" for "3011"; the code itself when the standard does not hold it."""
    industry = industries().get(code)
    return industry.name if industry else code


def section_of(code: str) -> str:
    industry = industries().get(code)
    return industry.section if industry else ""


def sections() -> list[Industry]:
    return [industry for industry in industries().values() if len(industry.code) == 1]


def codes_of(section: str) -> list[str]:
    """Two-digit codes of a section letter: the prefixes that a filter compares."""
    return [industry.code for industry in industries().values() if industry.section == section and len(industry.code) == 2]


def path_of(code: str) -> list[Industry]:
    """The industry and what stands above it, widest first (制造业, 非金属矿物制品业, …)."""
    known = industries()
    steps = [section_of(code), *(code[:length] for length in (2, 3, 4) if length <= len(code) and not code.isalpha())]
    path = [known[step] for step in steps if step in known]
    return [step for position, step in enumerate(path) if position == 0 or step.name != path[position - 1].name]


def clean_industry(raw: str) -> str:
    """Judge an industry given as code (C, C30, 30, 3011), as name (水泥制造), or as both (C3011 水泥制造); returns the bare code."""
    text = squeeze(raw)
    return _clean(text) if text else ""


@lru_cache(maxsize=4096)
def _clean(text: str) -> str:
    if code := _known_code(text):
        return code
    if code := _by_name().get(_name_key(text), ""):
        return code
    if (match := _CODE_AND_NAME.fullmatch(text)) and (code := _known_code(match[1])):
        return code
    if re.fullmatch(r"[A-Z]?\d+|[A-Z]", text):
        raise ValidationError(f"行业代码“{text}”不在 GB/T 4754-2017 中，请填写门类字母或 2 至 4 位数字代码。", code="industry_code")
    hint = nearest(text, limit=3)
    advice = "，是否指：" + "；".join(f"{item.code} {item.name}" for item in hint) if hint else "，请填写行业代码"
    raise ValidationError(f"行业“{text[:30]}”不在 GB/T 4754-2017 中{advice}。", code="industry_name")


def _known_code(text: str) -> str:
    """The bare code when `text` is a code of the standard (and its letter, if written, is the right one); else empty."""
    letter, digits = (text[0], text[1:]) if text[:1].isalpha() and text[:1].isascii() else ("", text)
    if not digits:
        return letter if letter in industries() else ""
    found = industries().get(digits)
    if found is None and len(digits) == 4 and digits.endswith("00"):  # 3000 written for 30
        found = industries().get(digits[:2])
    return found.code if found and letter in ("", found.section) and digits.isdigit() else ""


def nearest(text: str, *, limit: int = 12) -> list[Industry]:
    """Industries whose code begins with `text` or whose name holds it (or most of its characters), best first: the picker's search."""
    wanted = squeeze(text)
    if not wanted:
        return []
    digits = wanted[1:] if wanted[:1].isalpha() and wanted[:1].isascii() else wanted
    if wanted.isascii():
        return [item for item in industries().values() if (digits and item.code.startswith(digits)) or item.code == wanted][:limit]
    key = _name_key(wanted)
    pairs = {key[at : at + 2] for at in range(len(key) - 1)}
    ranked = []
    for item in industries().values():
        name = _name_key(item.name)
        shared = len(name) + 100 if key in name else sum(pair in name for pair in pairs)
        if shared:
            ranked.append((0 if key in name else 1, -len(item.code) if key == name else abs(len(name) - len(key)) - shared, item))
    ranked.sort(key=lambda entry: (entry[0], entry[1], entry[2].code))
    return [item for _, _, item in ranked[:limit]]
