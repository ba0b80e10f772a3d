"""The roster of coordinators (协调员名册): one line is a person, the enrolment, the posting and, where given, the certificate.

notice:1.1–1.3, 3.4.1. A line with another employer than the main posting is a transfer, since a roster says where somebody works now: the
old posting ends the day before, with a warning. With 兼任 in 变动方式 it is one more posting (people work part-time at two organisations), and
such a line enters the posting alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from tongxing.certificates.bodies import Filings, all_filings
from tongxing.certificates.bulk import register_many
from tongxing.certificates.models import Certificate, Level
from tongxing.core.values import lacks_day
from tongxing.registry.bulk.enrolment import TABLES, enrol_many
from tongxing.registry.bulk.undo import take_back_people, what_stands_against
from tongxing.registry.models.organisations import OrganisationKind
from tongxing.registry.models.people import Education, Politics, Sex
from tongxing.registry.sheets import judges
from tongxing.registry.sheets.employers import Employers, employers_for
from tongxing.registry.sheets.persons import ID_NUMBER, ID_TYPE, PERSON_NAME, Persons, persons_for, read_document
from tongxing.registry.sheets.places import Places, places_for
from tongxing.registry.wording import (
    SECOND,
    TOWNSHIP_HEADINGS,
    clean_change,
    clean_education,
    clean_full_time,
    clean_kind,
    clean_politics,
    clean_sex,
)
from tongxing.sheets.columns import Column
from tongxing.sheets.loader import Loader
from tongxing.sheets.models import Fate
from tongxing.sheets.reading import SourceRow
from tongxing.sheets.sheet import Sheet, Verdict, Versions

from .certificates import note_certificate
from .facts import BODY, ISSUED, LEVEL, NUMBER, Record, certificates_by_number, cross_checked, entry_for
from .rules import Facts, plan_enrolment, plan_second

ALL_TABLES: dict[str, Any] = {"certificate": Certificate, **TABLES}
WORDS: dict[str, dict[Any, str]] = {
    "sex": dict(Sex.choices),
    "education": dict(Education.choices),
    "politics": dict(Politics.choices),
    "level": dict(Level.choices),
    "full_time": {True: "专职", False: "兼职"},
}


@dataclass
class Known:
    """What judging a chunk needs."""

    loader: Loader
    places: Places
    persons: Persons
    employers: Employers
    certificates: dict[str, Record]
    filings: Filings


class CoordinatorSheet(Sheet):
    """One line is one coordinator."""

    name = "coordinators"
    title = "协调员名册"
    summary = "协调员的身份、任职单位和证书，一行一人。任职单位要先登记。"
    icon = "users"
    clause = "notice:1.2"
    both_right = "同一人在两家单位任职的，请在第二行的“变动方式”填“兼任”；是两个人的，请核对证件号和证书编号。"
    columns = (
        PERSON_NAME,
        ID_NUMBER,
        ID_TYPE,
        Column(key="sex", heading="性别", judge=clean_sex, cached=True, choices=("男", "女"), example="男"),
        Column(
            key="born_on", heading="出生日期", judge=judges.past_day_or_month, cached=True, personal=True,
            synonyms=("出生年月日", "生日", "出生年月"), note="可不填，以身份证号为准",
        ),
        Column(
            key="phone", heading="手机号", judge=judges.phone, personal=True, example="13800000000",
            synonyms=("手机", "手机号码", "联系电话", "电话", "联系方式", "移动电话"),
        ),
        Column(
            key="employer", heading="工作单位", judge=judges.text(128), example="济源市示例机械有限公司",
            synonyms=("单位名称", "所在单位", "任职单位", "单位", "用人单位", "企业名称", "工作单位名称", "所属单位"),
        ),
        Column(
            key="employer_code", heading="统一社会信用代码(单位)", judge=judges.credit_code, text_only=True, cached=True,
            synonyms=("统一社会信用代码", "单位信用代码", "信用代码", "单位统一社会信用代码", "工作单位信用代码"), note="填写后按代码认定单位",
        ),
        Column(
            key="employer_kind", heading="单位类别", judge=clean_kind, cached=True, choices=tuple(OrganisationKind.labels), example="企业",
            synonyms=("单位类型", "机构类别", "单位性质"),
        ),
        Column(key="post", heading="职务", judge=judges.text(60), cached=True, synonyms=("岗位", "现任职务", "担任职务"), example="人事主管"),
        Column(
            key="full_time", heading="专/兼职", judge=clean_full_time, cached=True, choices=("专职", "兼职"), example="兼职",
            synonyms=("专兼职", "专职/兼职", "专职或兼职", "是否专职"),
        ),
        LEVEL,
        NUMBER,
        ISSUED,
        BODY,
        Column(key="education", heading="学历", judge=clean_education, cached=True, choices=tuple(Education.labels), synonyms=("文化程度", "最高学历"), example="大学本科"),
        Column(key="politics", heading="政治面貌", judge=clean_politics, cached=True, choices=tuple(Politics.labels), synonyms=("政治面貌（党派）",), example="群众"),
        Column(
            key="township", heading="所属镇街", judge=judges.text(60), cached=True, example="克井镇",
            synonyms=TOWNSHIP_HEADINGS, note="以任职单位所在镇街为准，用来核对",
        ),
        Column(
            key="since", heading="任职时间", judge=judges.past_day_or_month, cached=True, example="2024-01-01",
            synonyms=("任职日期", "到岗日期", "开始任职时间", "聘任日期", "任职起始日", "任职起始时间", "任职起始日期", "任职开始时间", "到任时间", "入职时间", "入职日期"),
        ),
        Column(
            key="change", heading="变动方式", judge=clean_change, cached=True, choices=("调动", "兼任"),
            synonyms=("任职变动方式", "变动类型", "任职变动"), note="单位与登记的不同时填：调动，原任职结束；兼任，原任职保留，这一行只登记兼任。不填按调动",
        ),
        Column(
            key="duty", heading="责任片区", judge=judges.text(60), cached=True,
            synonyms=("负责片区", "包保片区", "责任区域", "联系片区", "负责区域"), note="负责的镇街或园区",
        ),
    )  # fmt: skip

    def parse(self, row: SourceRow) -> Verdict:
        verdict = super().parse(row)
        read_document(verdict)
        judges.doubt_first_of_month(verdict, "任职时间", row.cells.get("since", ""), verdict.values.get("since"))
        if lacks_day(row.cells.get("born_on", "")):
            self._month_of_birth(verdict)
        if not verdict.bad:
            cross_checked(verdict)
        return verdict

    def _month_of_birth(self, verdict: Verdict) -> None:
        """Many rosters head the column 出生年月: a month agrees with the identity number that names a day in it, and is not enough alone."""
        month, document = verdict.values.pop("born_on", None), verdict.values.get("document")
        if month is None or document is None:
            return
        if document.born_on is None:
            verdict.refuse("出生日期", "date_partial", "日期缺少“日”，请补全为 1985-09-15 这样的形式。")
        elif document.born_on.replace(day=1) != month:
            verdict.values["born_on"] = month

    def identity(self, verdict: Verdict) -> tuple[Sequence[Any], Sequence[Any]]:
        person, number = verdict.values["person_key"], verdict.values.get("number")
        posting = ("posting", person, verdict.values.get("employer_id"))
        if verdict.values.get("change") == SECOND:
            # The line of the main posting holds the person and the certificate; `remember` knows no employer and so no key.
            held = [posting] if posting[2] else []
            return held, held
        keys: list[tuple[Any, ...]] = [("person", person), *([posting] if posting[2] else [])]
        if number:
            keys.append(("certificate", number.number))
        return keys, keys

    def prepare(self, loader: Loader) -> Places:
        return places_for(loader)

    def look_up(self, verdicts: list[Verdict], loader: Loader, prepared: Places) -> Known:
        persons = persons_for(v.values.get("person_key") for v in verdicts)
        held = {posting["organisation_id"] for rows in persons.postings.values() for posting in rows if posting["until"] is None}
        codes, names = ([v.values.get(key) for v in verdicts] for key in ("employer_code", "employer"))
        return Known(
            loader, prepared, persons, employers_for(loader.scope, codes, names, held), certificates_by_number(verdicts), all_filings()
        )

    def judge(self, verdict: Verdict, known: Known) -> None:
        values = verdict.values
        employer = known.employers.find(
            verdict, "工作单位", "统一社会信用代码(单位)", name=values.get("employer"), code=values.get("employer_code")
        )
        person = known.persons.by_key.get(values["person_key"])
        if person is not None and not known.loader.scope.covers(person["area_id"]):
            verdict.refuse("身份证号", "out_of_scope", "此人已登记在您的管理范围之外，本次导入不能改动或调入。请联系对方区划或上级经办。")
        if verdict.bad or employer is None:
            return
        values["employer_id"] = employer["id"]
        facts = Facts(known.loader, known.places, known.persons, known.employers, person, employer)
        if values.get("change") == SECOND:
            verdict.plan = (plan_second(verdict, facts), None)
            verdict.fate = Fate.CHANGED if verdict.diff else Fate.SAME
            return
        enrolment = plan_enrolment(verdict, facts)
        existing = known.certificates.get(values["number"].number) if values.get("number") else None
        entry = entry_for(verdict, existing, person["id"] if person else None, employer["area_id"], known.filings)
        verdict.plan = (enrolment, entry)
        if person is not None and entry is not None and entry.id is None:
            verdict.diff.append(("number", "", entry.after["number"]))
        if not verdict.bad:
            verdict.fate = Fate.NEW if person is None else Fate.CHANGED if verdict.diff else Fate.SAME

    def apply_chunk(self, verdicts: list[Verdict], *, by: Any, today: date) -> None:
        enrol_many([verdict.plan[0] for verdict in verdicts], by=by, today=today)
        for verdict in verdicts:
            enrolment, entry = verdict.plan
            if entry is not None and entry.id is None:
                entry.after["person_id"] = enrolment.person.id
        register_many([entry for _, entry in (verdict.plan for verdict in verdicts) if entry is not None], by=by)
        for verdict in verdicts:
            enrolment, entry = verdict.plan
            verdict.refs, verdict.undo, verdict.about = enrolment.refs, enrolment.undo, enrolment.person.id
            note_certificate(verdict.refs, verdict.undo, entry)

    def dependants(self, made: list[Record], changed: list[Record]) -> list[str]:
        return what_stands_against([*made, *changed], ALL_TABLES)

    def undo_chunk(self, made: list[Record], changed: list[tuple[Record, Record]], *, by: Any) -> Versions:
        take_back_people([*made, *(refs for refs, _ in changed)], [undo for _, undo in changed], ALL_TABLES, by=by)
        return {}

    def _shown(self, key: str, before: Any, after: Any) -> dict[str, str]:
        words = WORDS.get(key, {})
        return super()._shown(key, words.get(before, before), words.get(after, after))
