import gc
import threading

import pytest

from tongxing.sheets import memory
from tongxing.sheets.memory import MANY, fewer_looks


def test_the_collector_looks_seldom_while_any_file_is_in_hand_and_as_usual_afterwards() -> None:
    usual = gc.get_threshold()
    inside, leave = threading.Event(), threading.Event()

    def other() -> None:
        with fewer_looks():
            inside.set()
            leave.wait(10)

    thread = threading.Thread(target=other)
    with fewer_looks():
        thread.start()
        assert inside.wait(10)
        assert gc.get_threshold() == (MANY, *usual[1:])
    assert gc.get_threshold() == (MANY, *usual[1:])
    leave.set()
    thread.join()
    assert gc.get_threshold() == usual


def test_what_runs_of_rows_left_free_is_given_back_every_few_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    given = []
    monkeypatch.setattr(memory, "give_back", lambda: given.append(len(seen)))
    seen: list[list[int]] = []
    for run in memory.chunks(range(2 * memory.RUNS * 3 + 1), 3):
        seen += [run]
    assert [len(run) for run in seen] == [*[3] * 2 * memory.RUNS, 1]
    assert [number for run in seen for number in run] == list(range(2 * memory.RUNS * 3 + 1))
    assert given == [memory.RUNS, 2 * memory.RUNS]


def test_giving_back_does_no_harm_where_the_library_has_no_such_thing(monkeypatch: pytest.MonkeyPatch) -> None:
    memory.give_back()
    monkeypatch.setattr(memory, "_trim", None)
    memory.give_back()
