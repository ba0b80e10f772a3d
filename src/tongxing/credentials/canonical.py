"""The one spelling of a JSON value (JSON Canonicalization Scheme, RFC 8785), for the kinds of values that credentials hold.

Numbers are whole: what has a fraction is refused rather than spelt by half a rule of ECMAScript.
"""

import json
from math import isfinite
from typing import Any

SAFE = 2**53 - 1


def canonical(value: Any) -> bytes:
    """The bytes that are hashed and signed; ValueError for what JSON or RFC 8785 does not know."""
    return _text(value).encode()


def _text(value: Any) -> str:
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int | float):
        return _whole(value)
    if isinstance(value, list):
        return f"[{','.join(_text(item) for item in value)}]"
    if isinstance(value, dict):
        names = sorted(value, key=lambda name: name.encode("utf-16-be"))
        return f"{{{','.join(f'{json.dumps(name, ensure_ascii=False)}:{_text(value[name])}' for name in names)}}}"
    raise ValueError(f"no JSON value: {type(value).__name__}")


def _whole(value: float) -> str:
    if not isfinite(value) or abs(value) > SAFE or value != int(value):
        raise ValueError("only whole numbers up to 2^53 - 1 are spelt here")
    return str(int(value))
