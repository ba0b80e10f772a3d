"""Which jobs a run has, and what it keeps of the run before."""

from bench.__main__ import _earlier, _kept, chosen
from bench.sizes import SIZES

LARGE = ["beside", "memory-csv", "memory-xlsx"]


def test_the_roster_of_a_million_rows_is_a_run_of_its_own() -> None:
    plain, large = ([job.key for job in chosen("", SIZES["1M"], large)] for large in (False, True))
    assert (large, set(plain) & set(LARGE), "import-csv-full" in plain) == (LARGE, set(), True)


def test_smaller_rosters_belong_to_every_run() -> None:
    assert set(LARGE) <= {job.key for job in chosen("", SIZES["100k"])}
    assert [job.key for job in chosen("", SIZES["100k"], large=True)] == LARGE


def test_named_jobs_are_what_runs_whatever_their_roster() -> None:
    assert [job.key for job in chosen("memory,export", SIZES["1M"])] == ["export", "memory-csv", "memory-xlsx"]


def test_what_is_not_measured_anew_is_kept_and_says_when_it_was_measured() -> None:
    phases = [{"engine": "sqlite", "phase": key, "seconds": 10.0} for key in ("export", "beside")]
    first = {"day": "2026-01-01", "others": 0.0, "machine": {}, "earlier": [], "phases": phases, "seconds": 21}
    first["results"] = [{"job": "export"}, {"job": "beside"}]
    kept = _kept(first, {"export"})
    assert ([one["job"] for one in kept["results"]], kept["seconds"], _earlier(kept)["jobs"]) == (["beside"], 10, ["beside"])
    second = first | {"day": "2026-01-02", "earlier": [_earlier(kept)]}
    assert _earlier(second)["jobs"] == ["export"]
    assert _kept(second, {"beside"})["earlier"] == []
    assert _kept(second, {"export", "beside"}) == {}
