"""The roster of applications (评价报名表): registered people and the batch that each applies to (notice:3.1.4)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError

from tongxing.certificates.models import Certificate, CertificateStatus
from tongxing.core.values import clean_text, clean_yes_no
from tongxing.evaluation import entry, kept
from tongxing.evaluation.applying import Claimed
from tongxing.evaluation.bulk import Entry, apply_many, take_back_applications, what_stands_against_applications
from tongxing.evaluation.entry import Facts, Rules, rules_on
from tongxing.evaluation.models import Application, ApplicationState, AssessmentBatch, BatchState, School, Schooling
from tongxing.evaluation.passing import parts_of
from tongxing.registry.sheets.own import OwnSheet
from tongxing.registry.sheets.persons import ID_NUMBER, ID_TYPE, PERSON_NAME, Persons, persons_for, read_document
from tongxing.sheets.columns import Column
from tongxing.sheets.loader import Loader
from tongxing.sheets.models import Fate
from tongxing.sheets.reading import SourceRow
from tongxing.sheets.sheet import Verdict, Versions

Record = dict[str, Any]
SCHOOLINGS = {"": "none", "无": "none", "不填": "none", "已毕业": "graduated", "毕业": "graduated", "应届": "graduated", "在校": "enrolled"}


def clean_code(raw: str) -> str:
    return clean_text(raw, longest=16).upper().replace("—", "-")


def clean_years(raw: str) -> int:
    text = clean_text(raw, longest=10).removesuffix("年").removesuffix(".0")
    if not text.isdecimal() or int(text) > 60:
        raise ValidationError("从业年限应为 0 至 60 的整数，请核对。", code="years")
    return int(text)


def clean_school(raw: str) -> str:
    text = clean_text(raw, longest=20)
    found = {school.label: school.value for school in School} | {
        "大专": "college",
        "本科": "bachelor",
        "硕士": "master",
        "中专": "vocational",
    }
    if text not in found:
        raise ValidationError(f"“{text}”不是认得的学校类别，请按模板下拉选项填写，例如“大学专科”。", code="school")
    return found[text]


def clean_schooling(raw: str) -> str:
    text = clean_text(raw, longest=20)
    if text not in SCHOOLINGS:
        raise ValidationError("就读情况请填“已毕业”或“在校”，不以学历申报的不填。", code="schooling")
    return SCHOOLINGS[text]


@dataclass
class Known:
    loader: Loader
    persons: Persons
    batches: dict[str, AssessmentBatch]
    rules: dict[date, Rules]
    certificates: dict[int, list[Certificate]]
    applied: dict[tuple[int, int], Application]
    kept: dict[int, dict[int, dict[str, Any]]]


class ApplicationSheet(OwnSheet):
    """One line is one person's application to one batch."""

    name = "applications"
    title = "评价报名表"
    summary = "已登记人员报名参加等级评价，一行一人。批次要先发布公告。"
    icon = "certificate"
    clause = "notice:3.1.4"
    permission = "evaluation.edit"
    columns = (
        Column(key="code", heading="批次编号", required=True, judge=clean_code, cached=True, example="P2026-00001", synonyms=("评价批次", "批次", "批次号")),
        PERSON_NAME,
        ID_NUMBER,
        ID_TYPE,
        Column(key="years", heading="从业年限", judge=clean_years, cached=True, example="5", synonyms=("本职业工作年限", "工作年限", "从事本职业年限", "本职业或相关职业年限")),
        Column(key="schooling", heading="就读情况", judge=clean_schooling, cached=True, choices=("已毕业", "在校"), synonyms=("毕业状态", "是否毕业")),
        Column(key="school", heading="学校类别", judge=clean_school, cached=True, choices=tuple(School.labels), synonyms=("学历", "文化程度", "毕业学校类别")),
        Column(key="related_field", heading="本专业或相关专业", judge=clean_yes_no, cached=True, choices=("是", "否"), synonyms=("是否相关专业", "专业相关")),
    )  # fmt: skip

    def parse(self, row: SourceRow) -> Verdict:
        verdict = super().parse(row)
        read_document(verdict)
        return verdict

    def identity(self, verdict: Verdict) -> tuple[Sequence[Any], Sequence[Any]]:
        keys = [(verdict.values.get("code"), verdict.values.get("person_key"))]
        return keys, keys

    def look_up(self, verdicts: list[Verdict], loader: Loader, prepared: Any) -> Known:
        codes = {verdict.values.get("code") for verdict in verdicts} - {None}
        found = AssessmentBatch.objects.filter(code__in=codes).select_related("filing")
        batches = {str(batch.code): batch for batch in found}
        persons = persons_for(verdict.values.get("person_key") for verdict in verdicts)
        people = [row["id"] for row in persons.by_key.values()]
        held: dict[int, list[Certificate]] = {}
        for certificate in Certificate.objects.filter(person__in=people).order_by("issued_on"):
            held.setdefault(certificate.person_id, []).append(certificate)
        applied = {(row.batch_id, row.person_id): row for row in Application.objects.filter(batch__in=batches.values(), person__in=people)}
        still = {batch.pk: kept.of_many(people, batch.level, batch.exam_on) for batch in batches.values()}
        rules = {batch.apply_until: rules_on(batch.apply_until) for batch in batches.values()}
        return Known(loader, persons, batches, rules, held, applied, still)

    def judge(self, verdict: Verdict, known: Known) -> None:
        batch, person = known.batches.get(verdict.values["code"]), known.persons.by_key.get(verdict.values["person_key"])
        if batch is None or not known.loader.covers(batch.area_id, batch.organisation_id):
            verdict.refuse("批次编号", "batch_unknown", "没有这个编号的评价批次，或不在您的管理范围内。请对照批次页面核对编号。")
        elif batch.state != BatchState.ANNOUNCED or not batch.apply_from <= known.loader.today <= batch.apply_until:
            verdict.refuse("批次编号", "not_open", f"这个批次现在是“{batch.get_state_display()}”，不在报名时间内。请核对批次编号。")
        elif known.loader.scope.organisations and (person is None or person["name"] != verdict.values["name"]):
            # A body learns nothing about people who are registered under another name.
            verdict.refuse(ID_NUMBER.heading, "person_unknown", "登记中没有姓名和证件号都与本行相同的人员。请核对，或请所属区划先登记。")
        elif person is None:
            verdict.refuse(ID_NUMBER.heading, "person_unknown", "登记中没有这个证件号的人员。请先登记人员，或核对证件号。")
        elif person["name"] != verdict.values["name"]:
            verdict.refuse(PERSON_NAME.heading, "name_differs", "该证件号登记的姓名与本行不同，请核对姓名和证件号。")
        else:
            self._judge(verdict, known, batch, person["id"])

    def _judge(self, verdict: Verdict, known: Known, batch: AssessmentBatch, person_id: int) -> None:
        claimed: Claimed = {
            "years": verdict.values.get("years", 0),
            "schooling": verdict.values.get("schooling", Schooling.NONE),
            "school": verdict.values.get("school", School.NONE),
            "related_field": verdict.values.get("related_field", False),
        }
        before = known.applied.get((batch.pk, person_id))
        held = [(one.level, one.issued_on) for one in known.certificates.get(person_id, []) if _valid(one, known.loader.today)]
        if before and before.state != ApplicationState.WITHDRAWN and all(getattr(before, key) == value for key, value in claimed.items()):
            verdict.fate = Fate.SAME
        elif before:
            verdict.refuse(
                PERSON_NAME.heading, "already_applied", f"此人已报名本批次（{before.get_state_display()}）。要修改请到报名页面办理。"
            )
        elif any(level <= batch.level for level, _ in held):
            verdict.refuse(PERSON_NAME.heading, "level_held", "此人已有同级或更高级的有效证书，不用再参加这一级评价。")
        elif set(parts_of(batch.level)) <= known.kept[batch.pk].get(person_id, {}).keys():
            verdict.refuse(PERSON_NAME.heading, "all_kept", "此人各科成绩都在保留期内且合格，不用再考。请联系原批次的评价机构。")
        else:
            self._doubt(verdict, known, batch, person_id, claimed)
            verdict.fate, verdict.plan = Fate.NEW, Entry(batch.pk, person_id, claimed)

    def _doubt(self, verdict: Verdict, known: Known, batch: AssessmentBatch, person_id: int, claimed: Claimed) -> None:
        """What the rule says: who does not meet the conditions may still be entered, and is then checked by a person."""
        on = batch.apply_until
        valid = tuple((one.level, one.issued_on) for one in known.certificates.get(person_id, []) if _valid(one, on))
        facts = Facts(claimed["years"], School(claimed["school"]), Schooling(claimed["schooling"]), claimed["related_field"], False, valid)
        answer = entry.decide(batch.level, facts, known.rules[on], on)
        if not answer:
            verdict.doubt("从业年限", "not_eligible", f"按填写的情况不符合申报条件：{answer.reasons[1]}请核对，或补充学历。")

    def apply_chunk(self, verdicts: list[Verdict], *, by: Any, today: date) -> None:
        apply_many([verdict.plan for verdict in verdicts], by=by)
        for verdict in verdicts:
            verdict.refs = {"made": {"application": verdict.plan.id}, "versions": {"application": (verdict.plan.id, 1)}}

    def dependants(self, made: list[Record], changed: list[Record]) -> list[str]:
        return what_stands_against_applications(refs["made"]["application"] for refs in made)

    def undo_chunk(self, made: list[Record], changed: list[tuple[Record, Record]], *, by: Any) -> Versions:
        take_back_applications([refs["made"]["application"] for refs in made])
        return {}


def _valid(certificate: Certificate, day: date) -> bool:
    """The same rule as `valid_on`, for one row."""
    standing = certificate.status == CertificateStatus.VALID or bool(certificate.status_on and certificate.status_on > day)
    return standing and certificate.issued_on <= day
