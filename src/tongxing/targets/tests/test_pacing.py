"""Pages while a roster of the whole country is taken in: they show what stands and say so; everything else waits for the truth."""

from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from tongxing.areas import ledger
from tongxing.areas.models import TouchedLeaf
from tongxing.targets import pacing
from tongxing.targets.figures import figure
from tongxing.targets.models import CountState
from tongxing.targets.recounting import refresh

from .world import enterprise

pytestmark = pytest.mark.usefixtures("shipped")


@pytest.fixture
def beside(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """What a thread would count: a test's database is no other thread's. It counts until the test ends."""
    started: list[Any] = []
    monkeypatch.setattr(pacing, "_start", started.append)
    yield started
    if started:
        pacing._turn.release()


def much(jiyuan: SimpleNamespace) -> None:
    refresh()
    enterprise(jiyuan.kejing, "large")
    for _ in range(pacing.MANY_TOUCHES):
        ledger.touch([jiyuan.kejing.code])


def page(cast: SimpleNamespace) -> str:
    client = Client()
    client.force_login(cast.officer)
    return str(client.get(reverse("targets:coverage")).content.decode())


def test_a_page_takes_what_stands_and_has_it_counted_beside(jiyuan: SimpleNamespace, cast: SimpleNamespace, beside: list[Any]) -> None:
    much(jiyuan)
    CountState.objects.update(counted_at=timezone.now() - timedelta(minutes=5))
    assert "本页统计数字截至" in page(cast)
    assert (beside, TouchedLeaf.objects.exists()) == ([refresh], True)
    beside[0]()
    assert not TouchedLeaf.objects.exists()
    assert "本页统计数字截至" not in page(cast)


def test_it_is_not_counted_again_and_again(jiyuan: SimpleNamespace, cast: SimpleNamespace, beside: list[Any]) -> None:
    much(jiyuan)
    assert "本页统计数字截至" in page(cast)
    assert beside == []


def test_whoever_is_no_page_gets_the_truth(jiyuan: SimpleNamespace, beside: list[Any]) -> None:
    much(jiyuan)
    assert figure(jiyuan.county.code, "enterprises").total == 1
    assert beside == []


def test_a_few_changes_are_on_the_next_page(jiyuan: SimpleNamespace, cast: SimpleNamespace, beside: list[Any]) -> None:
    refresh()
    enterprise(jiyuan.kejing, "large")
    assert "本页统计数字截至" not in page(cast)
    assert (beside, TouchedLeaf.objects.exists()) == ([], False)


def test_who_waited_for_another_count_does_not_count_again(jiyuan: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    refresh()
    enterprise(jiyuan.kejing, "large")
    real = CountState.one

    def first_somebody_else() -> CountState:
        monkeypatch.setattr(CountState, "one", real)
        refresh()
        return real()

    monkeypatch.setattr(CountState, "one", first_somebody_else)
    with CaptureQueriesContext(connection) as asked:
        refresh()
    assert not TouchedLeaf.objects.exists()
    assert sum("INSERT INTO" in query["sql"] and "unsyncedleaf" in query["sql"] for query in asked) == 1
