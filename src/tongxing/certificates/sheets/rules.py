"""What one line of the coordinators' roster asks of person, enrolment, posting and duty area. Plain Python."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from tongxing.registry.bulk.enrolment import Enrolment, Part, ends_before
from tongxing.registry.identity import phone_index, turns_sixteen
from tongxing.registry.models import Person
from tongxing.registry.models.coordinators import CoordinatorStatus
from tongxing.registry.models.fields import VaultColumn
from tongxing.registry.models.organisations import OrganisationKind
from tongxing.registry.models.people import IdType, Sex
from tongxing.registry.sheets.employers import Employers
from tongxing.registry.sheets.persons import Persons
from tongxing.registry.sheets.places import Places
from tongxing.sheets.loader import Loader
from tongxing.sheets.sheet import Verdict

Record = dict[str, Any]


@dataclass
class Facts:
    """What is registered of the row's person and employer."""

    loader: Loader
    places: Places
    persons: Persons
    employers: Employers
    person: Record | None
    employer: Record

    @property
    def coordinator(self) -> Record | None:
        return self.persons.coordinator.get(self.person["id"]) if self.person else None


def plan_enrolment(verdict: Verdict, facts: Facts) -> Enrolment:
    """The plan for a row; refusals, doubts and the diff go into the verdict."""
    since = verdict.values.get("since")
    _check_row(verdict, facts, since or facts.loader.today)
    person = _person(verdict, facts)
    plan = Enrolment(person, Part(), {facts.employer["area_id"]})
    if facts.person:
        plan.areas.add(facts.person["area_id"])
    if facts.coordinator is None:
        _enter(verdict, facts, plan, since or facts.loader.today)
    else:
        _go_on(verdict, facts, plan, facts.coordinator, since)
    _duty(verdict, facts, plan, since or facts.loader.today)
    return plan


def _check_row(verdict: Verdict, facts: Facts, since: date) -> None:
    values, employer = verdict.values, facts.employer
    document = values["document"]
    if document.sex and values.get("sex") not in (None, document.sex):
        verdict.doubt("性别", "sex_differs", f"身份证号表明性别为“{Sex(document.sex).label}”，与填写的不同，按身份证号登记。")
    if document.born_on and values.get("born_on") not in (None, document.born_on):
        verdict.doubt("出生日期", "birth_differs", "出生日期与身份证号中的不同，按身份证号登记，请核对。")
    born = document.born_on or values.get("born_on")
    if born and since < turns_sixteen(born):
        verdict.refuse("身份证号", "too_young", "任职时未满 16 周岁，不能登记（劳动法第十五条）。请核对身份证号和任职时间。")
    if employer["ended_on"] and employer["ended_on"] <= since:
        verdict.refuse(
            "工作单位", "employer_ended", f"“{employer['name']}”已于 {employer['ended_on']} 终止，不能登记任职。请核对单位或任职时间。"
        )
    kind = values.get("employer_kind")
    if kind and kind != employer["kind"]:
        label = OrganisationKind(employer["kind"]).label
        verdict.doubt("单位类别", "kind_differs", f"该单位登记的类别是“{label}”，与填写的不同，以登记为准。如登记有误，请用单位名册更正。")
    if text := values.get("township"):
        found = facts.places.find(text)
        if not found:
            verdict.refuse("所属镇街", "area_unknown", f"“{text}”不是本地的镇街或园区，请按模板下拉选项填写，例如“克井镇”。")
        elif employer["area_id"] not in {area.code for area in found}:
            verdict.doubt("所属镇街", "township_differs", f"任职单位登记在别的镇街，协调员随单位归属，“{text}”没有采用，请核对。")


def _person(verdict: Verdict, facts: Facts) -> Part:
    values, document = verdict.values, verdict.values["document"]
    wanted: Record = {key: values[key] for key in ("education", "politics", "phone") if key in values}
    if facts.person is None:
        base = {"name": values["name"], "id_type": values.get("id_type", IdType.RESIDENT), "id_number": document.number}
        born = document.born_on or values.get("born_on")
        sex = document.sex or values.get("sex") or Sex.UNKNOWN
        return Part(after={**base, "sex": sex, "born_on": born, "area_id": facts.employer["area_id"], **wanted})
    held = facts.person
    if held["name"] != values["name"]:
        verdict.refuse("姓名", "name_differs", f"该证件号登记的姓名是“{held['name']}”，与本行不同，请核对姓名和证件号。")
    after: Record = {key: wanted[key] for key in ("education", "politics") if key in wanted and wanted[key] != held[key]}
    verdict.diff += [(key, held[key], value) for key, value in after.items()]
    if phone := wanted.get("phone"):
        known = VaultColumn.open(Person(uid=held["uid"], phone_sealed=held["phone_sealed"]), "phone_sealed")
        if phone != known:
            after["phone"] = phone
            verdict.diff.append(("phone", known, phone))
    before = {**held, "phone_index": "" if not held["phone_sealed"] else _index_of(held)}
    return Part(held["id"], held["version"], held["uid"], before, after)


def _index_of(held: Record) -> str:
    return phone_index(VaultColumn.open(Person(uid=held["uid"], phone_sealed=held["phone_sealed"]), "phone_sealed"))


def _enter(verdict: Verdict, facts: Facts, plan: Enrolment, since: date) -> None:
    """A first enrolment: active from the day of the posting."""
    values, employer = verdict.values, facts.employer
    plan.coordinator.after = {
        "status": CoordinatorStatus.ACTIVE.value,
        "full_time": values.get("full_time", False),
        "host_kind": employer["kind"],
        "area_id": employer["area_id"],
        "enrolled_on": since,
    }
    plan.posting = {"organisation_id": employer["id"], "post": values.get("post", ""), "since": since, "is_primary": True}
    if facts.person is not None:
        verdict.diff.append(("employer", "", employer["name"]))
        _follow(plan, facts)


def _go_on(verdict: Verdict, facts: Facts, plan: Enrolment, held: Record, since: date | None) -> None:
    """An enrolled coordinator: the same employer with other facts, or a transfer."""
    values, employer = verdict.values, facts.employer
    if held["status"] == CoordinatorStatus.LEFT:
        verdict.refuse("姓名", "left", "此人已退出协调员队伍。确要恢复，请先在人员页面办理重新登记，再导入。")
        return
    after: Record = {}
    if "full_time" in values and values["full_time"] != held["full_time"]:
        after["full_time"] = values["full_time"]
        verdict.diff.append(("full_time", held["full_time"], values["full_time"]))
    plan.coordinator = Part(held["id"], held["version"], None, held, after)
    current = facts.persons.open_postings(held["id"])
    same = _held_at(current, employer)
    if same is not None:
        _same_employer(verdict, plan, same, since)
    else:
        _transfer(verdict, facts, plan, current, since or facts.loader.today)


def _same_employer(verdict: Verdict, plan: Enrolment, posting: Record, since: date | None) -> None:
    post = verdict.values.get("post")
    if post and post != posting["post"]:
        plan.ended = (posting["id"], {"post": posting["post"]}, {"post": post})
        verdict.diff.append(("post", posting["post"], post))
    if since and since != posting["since"]:
        verdict.doubt("任职时间", "since_differs", f"登记的任职开始日是 {posting['since']}，本次导入不改变。确有错误请在人员页面更正。")


def _transfer(verdict: Verdict, facts: Facts, plan: Enrolment, current: list[Record], since: date) -> None:
    """The main posting gives way to one at the row's employer."""
    employer, held = facts.employer, plan.coordinator.before
    old = current[0] if current else None
    if since < held["enrolled_on"] or (old and since < old["since"]):
        verdict.refuse("任职时间", "before_posting", "任职时间早于登记的任职开始日，时间会重叠。请核对任职时间，或在人员页面办理变动。")
        return
    if _overlaps(verdict, facts, held, since):
        return
    if old and not facts.loader.scope.covers(facts.employers.by_id[old["organisation_id"]]["area_id"]):
        verdict.refuse(
            "工作单位", "out_of_scope", "此人现在的任职单位在您的管理范围之外，本次导入不能结束那里的任职。请联系对方区划或上级经办。"
        )
        return
    if old:
        before, after = {"until": None, "is_primary": old["is_primary"]}, {"until": ends_before(since, old["since"]), "is_primary": False}
        plan.ended = (old["id"], before, after)
        name = facts.employers.by_id.get(old["organisation_id"], {}).get("name", "")
        plan.areas.add(facts.employers.by_id.get(old["organisation_id"], {}).get("area_id"))
        if verdict.values.get("change") is None:
            ends = f"原任职单位“{name}”的任职将于 {after['until']} 结束"
            verdict.doubt("工作单位", "employer_changed", f"按调动处理：{ends}。同时在两家任职的，请在“变动方式”填“兼任”后重新导入。")
        verdict.diff.append(("employer", name, employer["name"]))
    else:
        verdict.diff.append(("employer", "", employer["name"]))
    plan.posting = {"organisation_id": employer["id"], "post": verdict.values.get("post", ""), "since": since, "is_primary": True}
    for key, value in (("host_kind", employer["kind"]), ("area_id", employer["area_id"])):
        if held[key] != value:
            plan.coordinator.after[key] = value
    _follow(plan, facts)


def plan_second(verdict: Verdict, facts: Facts) -> Enrolment:
    """One more posting for somebody in the register (兼任): nothing else of the line is taken over, the line of the main posting says it."""
    since, employer, held = verdict.values.get("since") or facts.loader.today, facts.employer, facts.coordinator
    plan = Enrolment(Part(), Part(), {employer["area_id"]})
    _check_row(verdict, facts, since)
    if held is None or facts.person is None:
        verdict.refuse(
            "变动方式", "not_enrolled", "此人还没有登记为协调员。请先导入主要任职的一行（“变动方式”留空），入库后再导入兼任的这一行。"
        )
        return plan
    plan.person, plan.coordinator = Part(facts.person["id"], facts.person["version"]), Part(held["id"], held["version"])
    if facts.person["name"] != verdict.values["name"]:
        verdict.refuse("姓名", "name_differs", f"该证件号登记的姓名是“{facts.person['name']}”，与本行不同，请核对姓名和证件号。")
    if held["status"] == CoordinatorStatus.LEFT:
        verdict.refuse("姓名", "left", "此人已退出协调员队伍。确要恢复，请先在人员页面办理重新登记，再导入。")
    elif since < held["enrolled_on"]:
        verdict.refuse("任职时间", "before_enrolment", f"任职时间早于登记日期 {held['enrolled_on']}，请核对任职时间。")
    current = facts.persons.open_postings(held["id"])
    if not current and not verdict.bad:
        verdict.refuse("变动方式", "no_main_posting", "此人现在没有主要任职，谈不上兼任。请把“变动方式”留空后重新导入。")
    if verdict.bad or _held_at(current, employer) or _overlaps(verdict, facts, held, since):
        return plan
    post = verdict.values.get("post", "")
    plan.posting = {"organisation_id": employer["id"], "post": post, "since": since, "is_primary": False}
    names = [facts.employers.by_id.get(posting["organisation_id"], {}).get("name", "") for posting in current]
    verdict.diff.append(("employer", "、".join(names), "、".join([*names, f"{employer['name']}（兼任）"])))
    return plan


def _held_at(postings: list[Record], employer: Record) -> Record | None:
    return next((posting for posting in postings if posting["organisation_id"] == employer["id"]), None)


def _overlaps(verdict: Verdict, facts: Facts, held: Record, since: date) -> bool:
    """Whether an ended posting at the row's employer reaches into the new one; refuses the row."""
    earlier = [posting for posting in facts.persons.postings.get(held["id"], ()) if posting["organisation_id"] == facts.employer["id"]]
    if any(posting["until"] is not None and posting["until"] >= since for posting in earlier):
        verdict.refuse("任职时间", "overlap", "在该单位已有时间重叠的任职记录，请核对任职时间。")
        return True
    return False


def _follow(plan: Enrolment, facts: Facts) -> None:
    """The person's area follows the main employer's (registry.hosting)."""
    if facts.person and facts.person["area_id"] != facts.employer["area_id"]:
        plan.person.after["area_id"] = facts.employer["area_id"]


def _duty(verdict: Verdict, facts: Facts, plan: Enrolment, since: date) -> None:
    text = verdict.values.get("duty")
    if not text:
        return
    found = [area for area in facts.places.find(text) if area.is_leaf]
    if len(found) != 1:
        verdict.refuse("责任片区", "area_unknown", f"“{text}”不是本地的镇街或园区，责任片区只能是街道、乡镇或园区（通知 二）。")
    elif not facts.loader.scope.covers(found[0].code):
        verdict.refuse("责任片区", "area_out_of_scope", f"“{found[0].short_name}”不在您的管理范围内，请交由对方区划登记。")
    elif facts.coordinator is None or found[0].code not in facts.persons.duties.get(facts.coordinator["id"], set()):
        plan.duty = {"area_id": found[0].code, "since": since}
        plan.areas.add(found[0].code)
        if facts.person is not None:
            verdict.diff.append(("duty", "", found[0].short_name))
