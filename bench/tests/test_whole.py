"""A database too large to copy: who only reads goes first, on the template; whoever writes takes it away."""

from pathlib import Path
from typing import Any

from bench.__main__ import of_size
from bench.harness import Bench
from bench.jobs import FULL, JOBS
from bench.measuring.engines import Sqlite
from bench.sizes import SIZES


def test_a_size_that_is_not_copied_leaves_out_what_smaller_sizes_answer() -> None:
    assert of_size(SIZES["1M"]) == [*JOBS]
    left = of_size(SIZES["10M"])
    assert left
    assert all(job.database == FULL for job in left)
    assert len({job.roster for job in left if job.writes and job.roster}) == len([job for job in left if job.writes and job.roster])


def test_readers_go_first_on_the_template_and_the_first_writer_takes_it_away(tmp_path: Path, monkeypatch: Any) -> None:
    engine = Sqlite(tmp_path)
    (tmp_path / f"sqlite-{FULL}").mkdir()
    bench = Bench(tmp_path, SIZES["10M"], rounds=5)
    seen: list[tuple[bool, str, bool]] = []

    def run(self: Bench, engine: Any, job: Any, until: float) -> dict[str, Any]:
        case = self._shared(engine, job)
        assert case is not None
        seen.append((job.writes, Path(case.data_dir).name, Path(case.data_dir).is_dir()))
        return {}

    monkeypatch.setattr(Bench, "_job", run)
    monkeypatch.setattr(Bench, "prepare_files", lambda self, names: None)
    monkeypatch.setattr(Bench, "prepare_database", lambda self, engine, name: None)
    bench.measure(engine, of_size(SIZES["10M"]))
    assert [writes for writes, _, _ in seen] == sorted(writes for writes, _, _ in seen)
    assert {(writes, name) for writes, name, _ in seen} == {(False, f"sqlite-{FULL}"), (True, f"sqlite-{FULL}.given")}
    assert all(there for _, _, there in seen)
    assert not any(tmp_path.iterdir())
