"""The roster of certificates: people who are registered already, and the certificates they hold (notice:1.3)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from tongxing.certificates.bodies import Filings, all_filings
from tongxing.certificates.bulk import Entry, register_many
from tongxing.certificates.models import Certificate, Level
from tongxing.registry.bulk.undo import take_back_people, what_stands_against
from tongxing.registry.sheets.persons import ID_NUMBER, ID_TYPE, PERSON_NAME, Persons, persons_for, read_document
from tongxing.sheets.loader import Loader
from tongxing.sheets.models import Fate
from tongxing.sheets.reading import SourceRow
from tongxing.sheets.sheet import Sheet, Verdict, Versions

from .facts import BODY, ISSUED, LEVEL, NUMBER, Record, certificates_by_number, cross_checked, entry_for

TABLES: dict[str, Any] = {"certificate": Certificate}


@dataclass
class Known:
    loader: Loader
    persons: Persons
    certificates: dict[str, Record]
    filings: Filings


class CertificateSheet(Sheet):
    """One line is one certificate of a registered person."""

    name = "certificates"
    title = "证书名册"
    summary = "已登记人员的职业技能等级证书、职业资格证书。"
    icon = "certificate"
    clause = "notice:1.3"
    columns = (PERSON_NAME, ID_NUMBER, ID_TYPE, NUMBER, LEVEL, ISSUED, BODY)

    def parse(self, row: SourceRow) -> Verdict:
        verdict = super().parse(row)
        read_document(verdict)
        if "number" not in verdict.values and not any(problem.column == NUMBER.heading for problem in verdict.problems):
            verdict.refuse(NUMBER.heading, "required", "“证书编号”不能为空，请补填。")
        elif not verdict.bad:
            cross_checked(verdict)
        return verdict

    def identity(self, verdict: Verdict) -> tuple[Sequence[Any], Sequence[Any]]:
        keys = [verdict.values["number"].number]
        return keys, keys

    def look_up(self, verdicts: list[Verdict], loader: Loader, prepared: Any) -> Known:
        return Known(loader, persons_for(v.values.get("person_key") for v in verdicts), certificates_by_number(verdicts), all_filings())

    def judge(self, verdict: Verdict, known: Known) -> None:
        person = known.persons.by_key.get(verdict.values["person_key"])
        if person is None:
            verdict.refuse(ID_NUMBER.heading, "person_unknown", "登记中没有这个证件号的人员。请先导入协调员名册，或核对证件号。")
        elif not known.loader.scope.covers(person["area_id"]):
            verdict.refuse(ID_NUMBER.heading, "out_of_scope", "此人在您的管理范围之外，本次导入不能登记证书。请联系对方区划或上级经办。")
        elif person["name"] != verdict.values["name"]:
            verdict.refuse(PERSON_NAME.heading, "name_differs", f"该证件号登记的姓名是“{person['name']}”，与本行不同，请核对姓名和证件号。")
        else:
            existing = known.certificates.get(verdict.values["number"].number)
            verdict.plan = entry = entry_for(verdict, existing, person["id"], person["area_id"], known.filings)
            if entry is not None and entry.id is None:
                entry.after["person_id"] = person["id"]
            verdict.fate = Fate.SAME if entry is None else Fate.CHANGED if existing else Fate.NEW

    def apply_chunk(self, verdicts: list[Verdict], *, by: Any, today: date) -> None:
        register_many([verdict.plan for verdict in verdicts], by=by)
        for verdict in verdicts:
            note_certificate(verdict.refs, verdict.undo, verdict.plan)

    def dependants(self, made: list[Record], changed: list[Record]) -> list[str]:
        return what_stands_against([*made, *changed], TABLES)

    def undo_chunk(self, made: list[Record], changed: list[tuple[Record, Record]], *, by: Any) -> Versions:
        take_back_people([*made, *(refs for refs, _ in changed)], [undo for _, undo in changed], TABLES, by=by)
        return {}

    def _shown(self, key: str, before: Any, after: Any) -> dict[str, str]:
        return super()._shown(key, *(Level(value).label if key == "level" and value else value for value in (before, after)))


def note_certificate(refs: Record, undo: Record, entry: Entry | None) -> None:
    """Write into a row's references what its certificate needs to be taken back."""
    refs.setdefault("made", {})
    refs.setdefault("versions", {})
    undo.setdefault("restored", [])
    undo.setdefault("areas", [])
    if entry is None:
        return
    refs["versions"]["certificate"] = (entry.id, entry.version)
    if entry.before:
        undo["restored"].append(("certificate", entry.id, {name: entry.before[name] for name in entry.after}))
    else:
        refs["made"]["certificate"] = entry.id
    undo["areas"] += [area for area in entry.areas if area is not None]
