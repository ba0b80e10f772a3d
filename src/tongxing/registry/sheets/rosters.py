"""What the two rosters of organisations share: which record a row means, where it belongs, what it changes."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, ClassVar

from tongxing.areas.models import Area
from tongxing.registry.bulk.dependence import what_hangs_on
from tongxing.registry.bulk.organisations import Change, change_many, register_many, take_back
from tongxing.registry.models import Assignment, Organisation, Posting
from tongxing.registry.models.fields import VaultColumn
from tongxing.registry.models.organisations import ENDED, OrganisationKind, OrganisationStatus, Size
from tongxing.registry.names import name_key
from tongxing.registry.organisation_facts import FIELDS
from tongxing.registry.size import decide
from tongxing.sheets.loader import Loader
from tongxing.sheets.matching import among
from tongxing.sheets.models import Fate
from tongxing.sheets.reading import SourceRow
from tongxing.sheets.sheet import Sheet, Verdict, Versions

from . import judges
from .places import Places, places_for

PHONE = "contact_phone_sealed"
RULED = ("size", "size_by_rule", "size_since", "size_override")
LOOKED_AT = ["id", "uid", "version", "name_key", *FIELDS, PHONE, *RULED, "status", "ended_on", "merged_into_id"]
NO_CODE = "导入名册时未提供"
Record = dict[str, Any]


@dataclass
class KnownOrganisations:
    """Records that the rows of a chunk may mean, and what holds for the batch."""

    loader: Loader
    places: Places
    by_code: dict[str, Record] = field(default_factory=dict)
    by_name: dict[str, list[Record]] = field(default_factory=lambda: defaultdict(list))
    held: set[int] = field(default_factory=set)
    """Organisations with open postings or assignments; looked up only when a row of the chunk ends one."""


class OrganisationRoster(Sheet):
    """A sheet whose rows are organisations."""

    plain: ClassVar[tuple[str, ...]] = ("name", "address", "legal_representative", "contact_name", "began_on")
    words: ClassVar[dict[str, dict[Any, str]]] = {
        "size": dict(Size.choices),
        "status": dict(OrganisationStatus.choices),
        "kind": dict(OrganisationKind.choices),
    }

    def parse(self, row: SourceRow) -> Verdict:
        verdict = super().parse(row)
        if "name" in verdict.values:
            verdict.values["name_key"] = name_key(verdict.values["name"])
        judges.doubt_first_of_month(verdict, "成立日期", row.cells.get("began_on", ""), verdict.values.get("began_on"))
        return verdict

    def identity(self, verdict: Verdict) -> tuple[Sequence[Any], Sequence[Any]]:
        code, key = verdict.values.get("credit_code"), verdict.values["name_key"]
        target = [("id", verdict.plan.id)] if isinstance(verdict.plan, Change) else []
        if code:
            return [("code", code), ("bare", key), *target], [("code", code), ("name", key), *target]
        return [("name", key), *target], [("name", key), ("bare", key), *target]

    def prepare(self, loader: Loader) -> Places:
        return places_for(loader)

    def look_up(self, verdicts: list[Verdict], loader: Loader, prepared: Places) -> KnownOrganisations:
        known = KnownOrganisations(loader, prepared)
        codes = {code for verdict in verdicts if (code := verdict.values.get("credit_code"))}
        keys = {key for verdict in verdicts if (key := verdict.values.get("name_key"))}
        seen = set()
        for record in (*_records("credit_code", codes), *_records("name_key", keys)):
            if record["id"] in seen:
                continue
            seen.add(record["id"])
            if record["credit_code"]:
                known.by_code[record["credit_code"]] = record
            if record["merged_into_id"] is None and loader.scope.covers(record["area_id"]):
                known.by_name[record["name_key"]].append(record)
        if any(verdict.values.get("status") in ENDED for verdict in verdicts):
            for model in (Posting, Assignment):
                known.held |= set(among(model.objects.filter(until=None), "organisation", seen).values_list("organisation_id", flat=True))
        return known

    # --- one row
    def judge(self, verdict: Verdict, known: KnownOrganisations) -> None:
        existing = self._existing(verdict, known)
        area = None if verdict.bad else self._area(verdict, known, existing)
        if not verdict.bad:
            self._plan(verdict, known, existing, area)

    def _plan(self, verdict: Verdict, known: KnownOrganisations, existing: Record | None, area: Area | None) -> None:
        wanted = self._wanted(verdict, existing, known.loader.today)
        if existing is not None and existing["id"] in known.held and wanted.get("status", existing["status"]) in ENDED:
            advice = "请在单位页面办理注销、吊销或迁出，任职和包联会一并结束。"
            verdict.refuse("状态", "still_held", f"“{existing['name']}”还有在任的协调员或包联，不能由导入直接终止。{advice}")
        elif existing is None:
            self._plan_new(verdict, wanted, area, known)
        else:
            self._plan_change(verdict, wanted, area, existing, known.loader.today)

    def _existing(self, verdict: Verdict, known: KnownOrganisations) -> Record | None:
        code = verdict.values.get("credit_code")
        if code and (found := known.by_code.get(code)):
            if not known.loader.scope.covers(found["area_id"]):
                verdict.refuse(
                    "统一社会信用代码", "out_of_scope", "这个代码已登记在您的管理范围之外，本次导入不能改动。请联系对方区划或上级经办。"
                )
            elif found["merged_into_id"]:
                verdict.refuse("统一社会信用代码", "merged", f"“{found['name']}”已并入另一条单位记录，请按保留的那一条填写代码。")
            elif found["name_key"] != verdict.values["name_key"]:
                verdict.doubt(
                    "单位名称", "name_changes", f"这个代码登记的名称是“{found['name']}”，本次改为新名称。如果不是更名，请核对代码。"
                )
            return found
        same_name = known.by_name.get(verdict.values["name_key"], [])
        return self._by_name(verdict, same_name, code)

    def _by_name(self, verdict: Verdict, same_name: list[Record], code: str | None) -> Record | None:
        if code:
            other = [record for record in same_name if record["credit_code"]]
            if other:
                verdict.doubt(
                    "统一社会信用代码",
                    "same_name",
                    f"已有同名单位，代码是 {other[0]['credit_code']}。按代码登记为另一家，请核对是否写错代码。",
                )
            same_name = [record for record in same_name if not record["credit_code"]]
        if len(same_name) > 1:
            verdict.double(
                "单位名称", "ambiguous_name", f"登记中有 {len(same_name)} 家同名单位，无法判断是哪一家。请补填统一社会信用代码。"
            )
            return None
        if same_name and code:
            verdict.doubt("统一社会信用代码", "matched_by_name", "登记中的同名单位没有信用代码，按同一家处理并补登代码，请核对。")
        return same_name[0] if same_name else None

    def _area(self, verdict: Verdict, known: KnownOrganisations, existing: Record | None) -> Area | None:
        """The township the row names, or the one in the address; None keeps the existing place or means the county."""
        scope, places = known.loader.scope, known.places
        if existing is not None and not scope.covers(existing["area_id"]):
            verdict.refuse("", "out_of_scope", "这条记录在您的管理范围之外，本次导入不能改动。")
            return None
        text = verdict.values.get("township")
        area = self._named(verdict, places, text) if text else None
        if area is None and not verdict.bad and (existing is None or existing["unplaced"]):
            area = places.finder.find(verdict.values.get("address", ""))
        if area is not None and not scope.covers(area.code):
            verdict.refuse(
                "所属镇街", "area_out_of_scope", f"“{area.short_name}”不在您的管理范围内，不能把单位登记到那里。请交由对方区划导入。"
            )
        return area

    def _named(self, verdict: Verdict, places: Places, text: str) -> Area | None:
        found = places.find(text)
        if len(found) > 1:
            verdict.refuse("所属镇街", "area_ambiguous", f"“{text}”对应多个区划，请写全县区和镇街名称或填 12 位区划代码。")
        elif not found:
            verdict.refuse("所属镇街", "area_unknown", f"“{text}”不是本地的镇街或园区，请按模板下拉选项填写，例如“克井镇”。")
        elif found[0].is_leaf:
            return found[0]
        return None

    def _wanted(self, verdict: Verdict, existing: Record | None, today: date) -> Record:
        """Field values the row asks for; an empty cell asks for nothing."""
        values = verdict.values
        wanted = {key: values[key] for key in self.plain if key in values}
        if code := values.get("credit_code"):
            wanted["credit_code"] = code
        wanted["name_key"] = values["name_key"]
        if status := values.get("status"):
            wanted["status"] = status
            wanted |= self._ended(verdict, status, existing, today)
        return wanted

    def _ended(self, verdict: Verdict, status: str, existing: Record | None, today: date) -> Record:
        if status not in ENDED:
            return {"ended_on": None}
        if day := verdict.values.get("ended_on"):
            return {"ended_on": day}
        if existing is not None and existing["ended_on"]:
            return {}
        verdict.doubt("终止日期", "ended_on_missing", "状态为注销、吊销或迁出但没有日期，按今天计，请补填。")
        return {"ended_on": today}

    def _plan_new(self, verdict: Verdict, wanted: Record, area: Area | None, known: KnownOrganisations) -> None:
        home = known.places.home
        if area is None and (home is None or not known.loader.scope.covers(home.code)):
            verdict.refuse("所属镇街", "area_missing", "没有填写镇街，地址中也找不到，请补填所属镇街。")
            return
        if area is None:
            verdict.doubt("所属镇街", "unplaced", "没有填写镇街，地址中也不能确定唯一的镇街，已放入“未归属”等待归属。")
        wanted |= {"area_id": area.code if area else home.code, "unplaced": area is None}  # type: ignore[union-attr]
        wanted.setdefault("kind", OrganisationKind.ENTERPRISE)
        if "credit_code" not in wanted:
            wanted["no_code_reason"] = NO_CODE
            verdict.doubt("统一社会信用代码", "no_code", "没有统一社会信用代码，只能按名称查重，请尽快补填。")
        figures = (wanted.get(key) for key in ("employees", "revenue", "assets"))
        size = decide(wanted["kind"], wanted.get("industry", ""), *figures).size
        wanted |= {"size": size.value, "size_by_rule": size.value}
        if phone := verdict.values.get("contact_phone"):
            wanted["contact_phone"] = phone
        verdict.fate, verdict.plan = Fate.NEW, wanted

    def _plan_change(self, verdict: Verdict, wanted: Record, area: Area | None, existing: Record, today: date) -> None:
        if area is not None:
            wanted |= {"area_id": area.code, "unplaced": False}
        if wanted.get("credit_code") and not existing["credit_code"]:
            wanted["no_code_reason"] = ""
            existing = {**existing, "no_code_reason": NO_CODE}
        after = {key: value for key, value in wanted.items() if existing[key] != value}
        phone = verdict.values.get("contact_phone")
        held = VaultColumn.open(Organisation(uid=existing["uid"], contact_phone_sealed=existing[PHONE]), PHONE) if phone else ""
        shown = [(key, existing[key], value) for key, value in after.items() if key in self.by_key]
        if "area_id" in after:
            shown.append(("township", existing["area_id"], after["area_id"]))
        if phone and phone != held:
            after["contact_phone"] = phone
            shown.append(("contact_phone", held, phone))
        self._sized(after, shown, existing, today)
        verdict.fate = Fate.CHANGED if after else Fate.SAME
        verdict.diff, verdict.plan = shown, Change(existing["id"], existing["version"], existing["area_id"], existing, after)

    def _sized(self, after: Record, shown: list[tuple[str, Any, Any]], existing: Record, today: date) -> None:
        if not {"industry", "employees", "revenue", "assets", "kind"} & after.keys():
            return
        merged = existing | after
        ruled = decide(merged["kind"], *(merged[key] for key in ("industry", "employees", "revenue", "assets"))).size.value
        if ruled != existing["size_by_rule"]:
            after["size_by_rule"] = ruled
        size = existing["size_override"] or ruled
        if size != existing["size"]:
            after |= {"size": size, "size_since": today}
            shown.append(("size", existing["size"], size))

    # --- writing
    def apply_chunk(self, verdicts: list[Verdict], *, by: Any, today: date) -> None:
        new = [verdict for verdict in verdicts if verdict.fate == Fate.NEW]
        for verdict, number in zip(new, register_many([verdict.plan for verdict in new], by=by), strict=True):
            verdict.refs = {"organisation": number, "version": 1}
        changed = [verdict for verdict in verdicts if verdict.fate == Fate.CHANGED]
        for verdict in changed:
            change: Change = verdict.plan
            verdict.refs = {"organisation": change.id, "version": change.version + 1}
            verdict.about = change.id
            verdict.undo = {"area_id": change.area_id, "fields": change.old_values(today)}
        by_id = {verdict.plan.id: verdict for verdict in changed}
        for one in change_many([verdict.plan for verdict in changed], by=by, today=today):
            by_id[one.organisation_id].refs.setdefault("followed", []).append([one.person_id, one.version])

    def dependants(self, made: list[Record], changed: list[Record]) -> list[str]:
        return what_hangs_on(
            Organisation,
            [(refs["organisation"], refs["version"]) for refs in made],
            [(refs["organisation"], refs["version"]) for refs in changed],
            "单位",
        )

    def undo_chunk(self, made: list[Record], changed: list[tuple[Record, Record]], *, by: Any) -> Versions:
        followed = take_back(
            [refs["organisation"] for refs in made],
            [Change.back(refs["organisation"], refs["version"], undo) for refs, undo in changed],
            by=by,
        )
        return {("person", one.person_id): one.version for one in followed}

    def _shown(self, key: str, before: Any, after: Any) -> dict[str, str]:
        if key == "township":
            names = dict(Area.objects.filter(code__in=[before, after]).values_list("code", "short_name"))
            before, after = names.get(before, ""), names.get(after, "")
        words = self.words.get(key, {})
        shown = super()._shown(key, words.get(before, before), words.get(after, after))
        return shown | {"heading": "规模"} if key == "size" else shown


def _records(field: str, values: Iterable[Any]) -> list[Record]:
    rows = among(Organisation.objects.all(), field, values).values_list(*LOOKED_AT)
    return [dict(zip(LOOKED_AT, row, strict=True)) for row in rows]
