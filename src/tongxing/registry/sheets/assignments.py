"""The roster of assignments (包联名册): which coordinator has which small or micro enterprise in care (notice:2.4)."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from tongxing.registry.bulk.assignments import TABLES, assign_rows
from tongxing.registry.bulk.undo import take_back_people, what_stands_against
from tongxing.registry.models import Assignment, Coordinator, Posting
from tongxing.registry.models.coordinators import CoordinatorStatus
from tongxing.registry.models.organisations import OrganisationKind, Size
from tongxing.registry.names import name_key
from tongxing.sheets.columns import Column
from tongxing.sheets.loader import Loader
from tongxing.sheets.models import Fate
from tongxing.sheets.reading import SourceRow
from tongxing.sheets.sheet import Sheet, Verdict, Versions

from . import judges
from .employers import Employers, Record, employers_for
from .persons import ID_NUMBER, ID_TYPE, PERSON_NAME, Persons, persons_for, read_document

COORDINATOR_ID = Column(
    key="id_number", heading="协调员身份证号", judge=ID_NUMBER.judge, text_only=True, personal=True, synonyms=(ID_NUMBER.heading, *ID_NUMBER.synonyms),
    note="与“协调员单位”至少填一项",
)  # fmt: skip


@dataclass
class Known:
    """What judging a chunk needs; `by_name` finds coordinators in scope by name and employer."""

    loader: Loader
    persons: Persons
    employers: Employers
    by_name: dict[tuple[str, str], list[Record]]
    held: dict[tuple[int, int], list[tuple[date, date | None]]]


class AssignmentSheet(Sheet):
    """One line gives one enterprise into the care of one coordinator."""

    name = "assignments"
    title = "包联名册"
    summary = "协调员包联的小微企业，一行一家。协调员和企业都要先登记。"
    icon = "affiliate"
    clause = "notice:2.4"
    columns = (
        Column(key="name", heading="协调员姓名", required=True, judge=PERSON_NAME.judge, synonyms=("协调员", "包联人", "包联协调员", *PERSON_NAME.synonyms, "姓名"), example="张三"),
        COORDINATOR_ID,
        ID_TYPE,
        Column(
            key="host", heading="协调员单位", judge=judges.text(128), example="济源市示例人力资源有限公司",
            synonyms=("工作单位", "所在单位", "任职单位", "协调员工作单位"),
        ),
        Column(
            key="enterprise", heading="包联企业", judge=judges.text(128), example="济源市示例商贸有限公司",
            synonyms=("企业名称", "包联企业名称", "单位名称", "企业", "服务企业", "联系企业"),
        ),
        Column(
            key="enterprise_code", heading="企业统一社会信用代码", judge=judges.credit_code, text_only=True,
            synonyms=("统一社会信用代码", "信用代码", "企业信用代码", "包联企业信用代码"),
        ),
        Column(
            key="since", heading="包联日期", judge=judges.past_day_or_month, cached=True, example="2024-01-01",
            synonyms=("开始日期", "包联时间", "起始日期", "包联开始日期", "自"),
        ),
    )  # fmt: skip

    def parse(self, row: SourceRow) -> Verdict:
        verdict = super().parse(row)
        read_document(verdict, COORDINATOR_ID.heading)
        judges.doubt_first_of_month(verdict, "包联日期", row.cells.get("since", ""), verdict.values.get("since"))
        named = verdict.values.keys() & {"person_key", "host"}
        if not named and not verdict.bad:
            verdict.refuse(COORDINATOR_ID.heading, "required", "“协调员身份证号”和“协调员单位”都没有填写，无法认定是谁，请至少补填一项。")
        return verdict

    def identity(self, verdict: Verdict) -> tuple[Sequence[Any], Sequence[Any]]:
        plan = verdict.plan
        if plan is None:
            return (), ()
        keys = [(plan["coordinator_id"], plan["organisation_id"])]
        return keys, keys

    def look_up(self, verdicts: list[Verdict], loader: Loader, prepared: Any) -> Known:
        persons = persons_for(v.values.get("person_key") for v in verdicts)
        codes, names = ([v.values.get(key) for v in verdicts] for key in ("enterprise_code", "enterprise"))
        employers = employers_for(loader.scope, codes, names)
        by_name = _coordinators_by_name([v for v in verdicts if "person_key" not in v.values], loader)
        ids = {row["id"] for row in persons.coordinator.values()} | {row["id"] for rows in by_name.values() for row in rows}
        held: dict[tuple[int, int], list[tuple[date, date | None]]] = defaultdict(list)
        for who, what, since, until in Assignment.objects.filter(coordinator_id__in=ids).values_list(
            "coordinator_id", "organisation_id", "since", "until"
        ):
            held[who, what].append((since, until))
        return Known(loader, persons, employers, by_name, held)

    def judge(self, verdict: Verdict, known: Known) -> None:
        values = verdict.values
        coordinator = self._coordinator(verdict, known)
        enterprise = known.employers.find(
            verdict, "包联企业", "企业统一社会信用代码", name=values.get("enterprise"), code=values.get("enterprise_code")
        )
        if verdict.bad or coordinator is None or enterprise is None:
            return
        since = values.get("since") or known.loader.today
        self._check(verdict, coordinator, enterprise, since)
        held = known.held.get((coordinator["id"], enterprise["id"]), [])
        if any(until is None for _, until in held):
            verdict.fate = Fate.SAME
            verdict.plan = {"coordinator_id": coordinator["id"], "organisation_id": enterprise["id"]}
            return
        if any(until is not None and until >= since for _, until in held):
            verdict.refuse("包联日期", "overlap", "与以前的包联记录时间重叠，请核对包联日期。")
        verdict.plan = {"coordinator_id": coordinator["id"], "organisation_id": enterprise["id"], "since": since}
        verdict.plan |= {"areas": {coordinator["area_id"], enterprise["area_id"]}, "person_id": coordinator["person_id"]}
        verdict.fate = Fate.NEW

    def _coordinator(self, verdict: Verdict, known: Known) -> Record | None:
        values = verdict.values
        if key := values.get("person_key"):
            person = known.persons.by_key.get(key)
            coordinator = known.persons.coordinator.get(person["id"]) if person else None
            if person and not known.loader.scope.covers(person["area_id"]):
                verdict.refuse(COORDINATOR_ID.heading, "out_of_scope", "此人在您的管理范围之外，本次导入不能登记包联。")
                return None
            if person and person["name"] != values["name"]:
                verdict.refuse("协调员姓名", "name_differs", f"该证件号登记的姓名是“{person['name']}”，与本行不同，请核对。")
            if coordinator is None:
                verdict.refuse(
                    COORDINATOR_ID.heading, "coordinator_unknown", "这个证件号没有登记为协调员。请先导入协调员名册，或核对证件号。"
                )
            return coordinator
        found = known.by_name.get((values["name"], name_key(values["host"])), [])
        if len(found) > 1:
            verdict.double("协调员姓名", "ambiguous_name", f"该单位有 {len(found)} 名同名协调员，请补填身份证号。")
        elif not found:
            verdict.refuse("协调员姓名", "coordinator_unknown", "该单位没有这名在任协调员。请先导入协调员名册，或核对姓名和单位名称。")
        return found[0] if len(found) == 1 else None

    def _check(self, verdict: Verdict, coordinator: Record, enterprise: Record, since: date) -> None:
        if coordinator["status"] != CoordinatorStatus.ACTIVE:
            label = CoordinatorStatus(coordinator["status"]).label
            verdict.refuse("协调员姓名", "not_active", f"该协调员现在是“{label}”，不能包联企业。请先转为在册。")
        if enterprise["kind"] != OrganisationKind.ENTERPRISE:
            verdict.refuse("包联企业", "not_small", "不是企业，包联只针对小微企业（通知 二）。")
        elif enterprise["size"] not in {Size.SMALL, Size.MICRO}:
            label = Size(enterprise["size"]).label
            verdict.refuse(
                "包联企业", "not_small", f"该企业规模为“{label}”，包联只针对小型、微型企业（通知 二）。请核对企业，或先补全规模数据。"
            )
        if enterprise["ended_on"] and enterprise["ended_on"] <= since:
            verdict.refuse("包联企业", "employer_ended", f"该企业已于 {enterprise['ended_on']} 终止，不能包联。")

    def apply_chunk(self, verdicts: list[Verdict], *, by: Any, today: date) -> None:
        for verdict, number in zip(verdicts, assign_rows([verdict.plan for verdict in verdicts], by=by), strict=True):
            verdict.refs = {"made": {"assignment": number}, "versions": {}}

    def dependants(self, made: list[Record], changed: list[Record]) -> list[str]:
        return what_stands_against(made, TABLES)

    def undo_chunk(self, made: list[Record], changed: list[tuple[Record, Record]], *, by: Any) -> Versions:
        take_back_people(made, [], TABLES, by=by)
        return {}


def _coordinators_by_name(verdicts: list[Verdict], loader: Loader) -> dict[tuple[str, str], list[Record]]:
    """Coordinators in scope with an open posting, by (name, key of the employer's name); one query."""
    names = {verdict.values["name"] for verdict in verdicts if "name" in verdict.values and "host" in verdict.values}
    found: dict[tuple[str, str], list[Record]] = defaultdict(list)
    if not names:
        return found
    wanted = (
        "coordinator_id",
        "coordinator__person_id",
        "coordinator__person__name",
        "coordinator__status",
        "coordinator__area_id",
        "organisation__name_key",
    )
    rows = Posting.objects.filter(until=None, coordinator__person__name__in=names).filter(loader.scope.as_q("coordinator__area_id"))
    for number, person_id, name, status, area_id, host in rows.filter(coordinator__in=Coordinator.objects.standing()).values_list(*wanted):
        found[name, host].append({"id": number, "person_id": person_id, "status": status, "area_id": area_id})
    return found
