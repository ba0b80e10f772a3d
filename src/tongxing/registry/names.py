"""Names as keys: the normal form in which names are compared, and their pinyin initials."""

import re
import unicodedata
from functools import cache

from pypinyin.constants import PINYIN_DICT

from tongxing.core.identifiers import squeeze

_MARKS = re.compile(r"[^\w]+|_+")
# Nearly every name: such characters have no other form.
_HAN = re.compile(r"[\u4e00-\u9fff]+")
# Surnames that are read otherwise than the word.
_SURNAMES_BY_LETTER = {
    "b": "秘薄",
    "c": "种晁",
    "g": "盖句",
    "h": "黑",
    "j": "贾纪",
    "m": "缪宓",
    "n": "那",
    "o": "区",
    "p": "朴繁",
    "q": "仇覃",
    "r": "任",
    "s": "单召折撒",
    "w": "隗",
    "x": "解洗冼",
    "y": "乐员尉燕应於",
    "z": "曾翟查祭",
}
SURNAMES = {character: letter for letter, characters in _SURNAMES_BY_LETTER.items() for character in characters}
# Words of organisations' names in which a character is read otherwise than alone.
WORDS = {
    "银行": "yh",
    "分行": "fh",
    "支行": "zh",
    "商行": "sh",
    "行业": "hy",
    "车行": "ch",
    "总行": "zh",
    "重庆": "cq",
    "长": "c",
    "会计": "kj",
    "调解": "tj",
    "调节": "tj",
    "音乐": "yy",
    "乐器": "yq",
    "大夏": "dx",
    "大厦": "ds",
    "参茸": "sr",
    "解放": "jf",
    "轵城": "zc",
    "校长": "xz",
    "镇长": "zz",
    "厂长": "cz",
}
_WORDS = re.compile("|".join(sorted(map(re.escape, WORDS), key=len, reverse=True)))


def name_key(name: str) -> str:
    """A name without blanks, brackets and marks, half-width, lower case: 济源市 (甲) 厂 and 济源市（甲）厂 are one."""
    if _HAN.fullmatch(name):
        return name[:128]
    return _MARKS.sub("", squeeze(name)).lower()[:128]


@cache
def initial(character: str) -> str:
    """First letter of the common reading of one character; a letter or digit stands for itself."""
    if character.isascii():
        return character.lower()
    reading = PINYIN_DICT.get(ord(character), "").split(",")[0]
    return unicodedata.normalize("NFD", reading)[:1]


def _spell(text: str) -> str:
    return "".join(map(initial, text))


def initials(key: str, *, person: bool = False) -> str:
    """Pinyin initials of a `name_key`: 济源银行 → jyyh; a person's surname by its own reading (单 → s)."""
    if person:
        return SURNAMES.get(key[:1], initial(key[:1]) if key else "") + _spell(key[1:])
    spelled, at = [], 0
    for match in _WORDS.finditer(key):
        spelled += [_spell(key[at : match.start()]), WORDS[match[0]]]
        at = match.end()
    return "".join(spelled) + _spell(key[at:])
