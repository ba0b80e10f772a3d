"""The shape of credentials, against the W3C's good and bad inputs."""

import json
from pathlib import Path
from typing import Any

import pytest

from tongxing.credentials.shape import problems

# Only a JSON-LD processor that knows every context sees what is wrong with these: terms defined twice, not at all, or as no address.
BEYOND = {
    "credential-redef-type-fail.json",
    "credential-redef-type2-fail.json",
    "credential-type-mapped-nonurl-fail.json",
    "credential-type-unmapped-fail.json",
}
MOMENTS = {"PAST DATE": "2020-01-01T00:00:00Z", "FUTURE DATE": "2099-01-01T00:00:00Z"}


def filled(path: Path) -> Any:
    """The input as its suite sends it: with an issuer where the case is not about the issuer, and with moments for their names."""
    text = path.read_text(encoding="utf-8")
    for name, moment in MOMENTS.items():
        text = text.replace(f'"{name}"', f'"{moment}"')
    document = json.loads(text)
    if "no-issuer" not in path.name and "issuer-null" not in path.name:
        issuer = document.setdefault("issuer", "did:web:example.org")
        if isinstance(issuer, dict) and "object-id" not in path.name:
            issuer.setdefault("id", "did:web:example.org")
    return document


@pytest.mark.shared
def test_good_inputs_have_the_shape_and_bad_ones_have_not(shared: Path) -> None:
    files = [path for path in (shared / "data" / "credentials" / "vc2_inputs").glob("*.json") if not path.name.startswith("presentation-")]
    wrong = {path.name for path in files if bool(problems(filled(path))) != ("-fail" in path.name)}
    assert len(files) > 80
    assert wrong == BEYOND


@pytest.mark.parametrize("value", [None, [], "x", 1])
def test_what_is_no_object_is_no_credential(value: object) -> None:
    assert problems(value) == ["document"]
