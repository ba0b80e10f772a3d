"""What the two sheets with certificates share: columns, cross-checks, and the plan for one certificate."""

from typing import Any

from tongxing.certificates.bodies import Filed, Filings
from tongxing.certificates.bulk import Entry
from tongxing.certificates.models import Certificate, CertificateStatus, Level
from tongxing.certificates.numbers import NumberFacts, cross_check, name_differs, read_number
from tongxing.core.values import clean_text
from tongxing.registry.names import name_key
from tongxing.registry.sheets import judges
from tongxing.registry.wording import clean_level
from tongxing.sheets.columns import Column
from tongxing.sheets.matching import among
from tongxing.sheets.sheet import Verdict

NEEDED = ["id", "version", "person_id", "number", "kind", "level", "issued_on", "body_name", "body_id", "occupation", "status"]
LEVELS = frozenset(Level.values)
Record = dict[str, Any]
HEADINGS = {"level": "技能等级", "issued_on": "发证日期", "body": "评价机构", "body_name": "评价机构", "number": "证书编号"}

LEVEL = Column(
    key="level", heading="技能等级", judge=clean_level, cached=True, choices=("一级", "二级", "三级", "四级"), example="三级",
    synonyms=("等级", "级别", "证书等级", "职业技能等级", "技能级别", "资格等级", "证书级别"),
)  # fmt: skip
NUMBER = Column(
    key="number", heading="证书编号", judge=read_number, text_only=True, example="（22 位或 16 位，按文本填写）",
    synonyms=("证书号", "证书号码", "技能等级证书编号", "资格证书编号", "证书编码", "职业资格证书编号", "职业技能等级证书编号"),
)  # fmt: skip
ISSUED = Column(
    key="issued_on", heading="发证日期", judge=judges.past_day, cached=True, example="2024-05-20",
    synonyms=("发证时间", "证书日期", "颁证日期", "取证日期", "取证时间", "颁发日期"),
)  # fmt: skip
BODY = Column(
    key="body_name", heading="评价机构", judge=lambda raw: clean_text(raw, longest=128), cached=True,
    synonyms=("发证机构", "发证单位", "评价机构名称", "颁证机构", "鉴定机构", "发证机关"),
)  # fmt: skip


def certificates_by_number(verdicts: list[Verdict]) -> dict[str, Record]:
    """One query for a chunk."""
    numbers = {facts.number for verdict in verdicts if (facts := verdict.values.get("number"))}
    rows = among(Certificate.objects.all(), "number", numbers).values_list(*NEEDED)
    return {row[3]: dict(zip(NEEDED, row, strict=True)) for row in rows}


def cross_checked(verdict: Verdict) -> None:
    """Number against level and day of issue: a level that differs is refused, the rest is doubted. Fills in the level. The body: `_body`."""
    facts = verdict.values.get("number")
    if facts is None:
        if verdict.values.get("level"):
            verdict.doubt(
                HEADINGS["number"], "certificate_number_missing", "填写了技能等级但没有证书编号，等级未登记。请补填证书编号和发证日期。"
            )
        return
    for problem in cross_check(facts, verdict.values.get("level"), verdict.values.get("issued_on")):
        say = verdict.refuse if problem.code == "certificate_level_differs" else verdict.doubt
        say(HEADINGS[problem.field], problem.code, problem.message)
    level = verdict.values.get("level") or facts.level
    if level not in LEVELS:
        verdict.refuse(HEADINGS["level"], "level_unknown", "劳动关系协调员证书只有一至四级，请对照证书核对编号和等级。")
    elif "issued_on" not in verdict.values:
        verdict.refuse(HEADINGS["issued_on"], "required", "有证书编号时要填写发证日期，请补填。")
    verdict.values["level"] = level


def _body(verdict: Verdict, facts: NumberFacts, filings: Filings) -> Filed | None:
    """The registered body that the number names by its filing; doubts a body in words that is another one."""
    written = name_key(verdict.values.get("body_name", ""))
    filed = filings.by_number.get(facts.body_code)
    if filed and written and written != filed.name_key:
        problem = name_differs(facts.body_code, filed.name, verdict.values["body_name"])
        verdict.doubt(HEADINGS[problem.field], problem.code, problem.message)
        return None
    if filed is None and facts.body_code:
        for problem in cross_check(facts, None, None, filings.by_name.get(written, [])):
            if problem.code == "certificate_body_differs":
                verdict.doubt(HEADINGS[problem.field], problem.code, problem.message)
    return filed


def entry_for(verdict: Verdict, existing: Record | None, person_id: int | None, area_id: int | None, filings: Filings) -> Entry | None:
    """The plan for the row's certificate; None when there is none, or when it is registered just so. Differences go into the row's diff."""
    values = verdict.values
    facts = values.get("number")
    if facts is None:
        return None
    body = _body(verdict, facts, filings)
    wanted = {"level": values["level"], "issued_on": values["issued_on"]}
    if values.get("body_name"):
        wanted["body_name"] = values["body_name"]
    if existing is None:
        named = {"body_id": body.organisation_id, "body_name": body.name} if body else {}
        return Entry({"number": facts.number, "kind": facts.kind, "body_id": None, "body_name": "", **named, **wanted}, areas={area_id})
    if existing["person_id"] != person_id:
        verdict.refuse(HEADINGS["number"], "certificate_taken", "这个证书编号已登记在另一人名下，请对照证书核对编号。")
        return None
    if existing["status"] != CertificateStatus.VALID:
        label = CertificateStatus(existing["status"]).label
        verdict.doubt(HEADINGS["number"], "certificate_not_valid", f"这本证书登记为“{label}”，本次导入不改变，请核对。")
        return None
    after = {name: value for name, value in wanted.items() if existing[name] != value}
    verdict.diff += [(name, existing[name], value) for name, value in after.items()]
    return Entry(after, existing["id"], existing["version"], existing, {area_id}) if after else None
