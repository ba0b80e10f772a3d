"""Rosters through `tongxing load` and `tongxing check`: reading, all checks, duplicates, encryption, audit, undo, touched leaves, report.

The module of the sheet is imported before the clock runs, as Django is.
"""

from pathlib import Path
from typing import Any

from bench.case import Case
from bench.measuring.clock import Clock
from bench.world.rosters import read_manifest
from tongxing.audit.log import COMMAND_LINE
from tongxing.sheets import command
from tongxing.sheets.catalogue import open_sheet


class WrongReport(AssertionError):
    """The import accepted a bad row, refused a good one, or said the wrong reason."""


def load(case: Case) -> dict[str, Any]:
    open_sheet(case.facts["sheet"])
    clock = Clock(case)
    report = command.load(case.facts["sheet"], Path(case.file), by=COMMAND_LINE)
    taken = clock.read()
    compare(report, case)
    return {**taken, "rows": report["rows"]}


def check(case: Case) -> dict[str, Any]:
    open_sheet(case.facts["sheet"])
    clock = Clock(case)
    report = command.check(case.facts["sheet"], Path(case.file), by=COMMAND_LINE)
    taken = clock.read()
    compare(report, case)
    return {**taken, "value": report["rows"] / taken["value"], "rows": report["rows"], "seconds": taken["value"]}


def load_for_memory(case: Case) -> dict[str, Any]:
    """The same load; its figure is the memory that the harness saw."""
    return {**load(case), "value": None}


def compare(report: dict[str, Any], case: Case) -> None:
    """The report against the manifest, row by row."""
    manifest = read_manifest(Path(case.file))
    said: dict[int, set[str]] = {}
    for problem in report["problems"]:
        if problem["severity"] == "error":
            said.setdefault(problem["row"], set()).add(problem["code"])
    accepted = sorted(manifest.keys() - said.keys())
    refused = {row: codes for row, codes in said.items() if row not in manifest}
    otherwise = {row: (manifest[row], codes) for row, codes in said.items() if row in manifest and not codes & set(manifest[row][1])}
    if report["refused"] or accepted or refused or otherwise or report["rows"] != case.rows:
        facts = [report["refused"], accepted[:5], list(refused.items())[:5], list(otherwise.items())[:5], report["rows"]]
        raise WrongReport("refused file, bad rows accepted, good rows refused, other reasons, rows read: " + "; ".join(map(str, facts)))
    if report["new"] != case.rows - len(manifest):
        raise WrongReport(f"{report['new']} new rows instead of {case.rows - len(manifest)}")
