"""Secrets are made once, whole, and for their owner only."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from django.core.exceptions import ImproperlyConfigured

from tongxing.core.secrets import read_or_make


def test_many_who_start_at_once_read_one_whole_secret(tmp_path: Path) -> None:
    path, racers = tmp_path / "keys" / "secret", 8
    together = Barrier(racers)

    def start(number: int) -> str:
        together.wait()
        return read_or_make(path, lambda: f"{number}" * 4_000)

    with ThreadPoolExecutor(racers) as pool:
        found = set(pool.map(start, range(racers)))
    assert found == {path.read_text().strip()}
    assert len(found.pop()) == 4_000
    assert [entry.name for entry in path.parent.iterdir()] == ["secret"]
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(("text", "mode", "reason"), [("", 0o600, "空的"), ("x", 0o644, "chmod 600")])
def test_a_secret_that_is_empty_or_open_to_others_is_refused(tmp_path: Path, text: str, mode: int, reason: str) -> None:
    path = tmp_path / "secret"
    path.write_text(text)
    path.chmod(mode)
    with pytest.raises(ImproperlyConfigured, match=reason):
        read_or_make(path)
