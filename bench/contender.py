"""One contender, one run, one process: `python -m bench.contender module:function case.json answer.json [profile.txt]`.

The function takes the Case and returns a dictionary; it times its own work, so that starting Python and Django is not counted. Ours and the
floors may use Django as it is set up here; peers run under their own Python and must not import anything of `bench` but the case and the clock.
"""

import cProfile
import json
import os
import pstats
import sys
import traceback
from importlib import import_module
from pathlib import Path
from typing import Any

from bench.case import Case

PROFILED = 45


def peak_memory() -> int:
    """Bytes this process held at most (VmHWM, which unlike ru_maxrss does not begin with the parent's)."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    return 0


def main(path: str, case_file: str, answer_file: str, profile_file: str = "") -> None:
    case = Case.loads(Path(case_file).read_text())
    os.environ.update(case.environment)
    module, _, name = path.partition(":")
    if not module.startswith("bench.peers"):
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tongxing.config.settings")
        import django

        django.setup()
    run = getattr(import_module(module), name)
    try:
        answer = _profiled(run, case, profile_file) if profile_file else run(case)
    except Exception:
        # Servers that the contender started have said much since: its own error must not be lost among it.
        Path(answer_file).with_suffix(".error").write_text(traceback.format_exc())
        raise
    answer.setdefault("memory", peak_memory())
    Path(answer_file).write_text(json.dumps(answer, ensure_ascii=False))


def _profiled(run: Any, case: Case, profile_file: str) -> dict[str, Any]:
    profile = cProfile.Profile()
    answer: dict[str, Any] = profile.runcall(run, case)
    with Path(profile_file).open("w") as out:
        for order in ("cumulative", "tottime"):
            pstats.Stats(profile, stream=out).sort_stats(order).print_stats(PROFILED)
    return answer


if __name__ == "__main__":
    main(*sys.argv[1:])
