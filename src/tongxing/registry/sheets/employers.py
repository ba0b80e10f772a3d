"""Which registered organisation a row means by code or name."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from tongxing.areas.scope import Scope
from tongxing.registry.models import Organisation
from tongxing.registry.names import name_key
from tongxing.registry.nearest import nearest_names
from tongxing.sheets.matching import among
from tongxing.sheets.sheet import Verdict

NEEDED = ("id", "credit_code", "name", "name_key", "kind", "area_id", "size", "ended_on", "merged_into_id")
Record = dict[str, Any]


@dataclass
class Employers:
    """Organisations that the rows of a chunk may mean."""

    scope: Scope
    by_code: dict[str, Record] = field(default_factory=dict)
    by_name: dict[str, list[Record]] = field(default_factory=lambda: defaultdict(list))
    by_id: dict[int, Record] = field(default_factory=dict)
    nearest: dict[str, list[str]] = field(default_factory=dict)

    def find(self, verdict: Verdict, name_column: str, code_column: str, *, name: str | None, code: str | None) -> Record | None:
        """The one organisation meant; otherwise the row is refused (unknown, out of scope, merged) or a duplicate (several of one name)."""
        if code:
            return self._by_code(verdict, code_column, name, code)
        if not name:
            verdict.refuse(name_column, "required", f"“{name_column}”和“{code_column}”都没有填写，请至少补填一项。")
            return None
        found = self.by_name.get(name_key(name), [])
        if len(found) > 1:
            verdict.double(name_column, "ambiguous_name", f"登记中有 {len(found)} 家名为“{name}”的单位，请补填“{code_column}”。")
        elif not found:
            verdict.refuse(name_column, "employer_unknown", f"登记中没有“{name}”。{self._remedy(name_key(name))}")
        return found[0] if len(found) == 1 else None

    def _remedy(self, key: str) -> str:
        if alike := self.nearest.get(key):
            names = "、".join(f"“{name}”" for name in alike)
            return f"名称相近的有{names}：是其中一家的，请照登记的名称改写；都不是的，请先导入单位名册或企业名册。"
        return "请先导入单位名册或企业名册，或核对名称是否与登记一致。"

    def _by_code(self, verdict: Verdict, code_column: str, name: str | None, code: str) -> Record | None:
        record = self.by_code.get(code)
        if record is None:
            verdict.refuse(code_column, "employer_unknown", f"登记中没有代码为 {code} 的单位。请先导入单位名册或企业名册，或核对代码。")
        elif not self.scope.covers(record["area_id"]):
            verdict.refuse(
                code_column, "out_of_scope", "这个代码的单位在您的管理范围之外，本次导入不能登记到该单位。请联系对方区划或上级经办。"
            )
            return None
        elif record["merged_into_id"]:
            verdict.refuse(code_column, "merged", f"“{record['name']}”已并入另一条单位记录，请填写保留的那一条。")
            return None
        elif name and name_key(name) != record["name_key"]:
            verdict.doubt(
                code_column, "employer_name_differs", f"代码登记的单位是“{record['name']}”，与填写的“{name}”不同，按代码处理，请核对。"
            )
        return record


def employers_for(scope: Scope, codes: Iterable[str | None], names: Iterable[str | None], ids: Iterable[int] = ()) -> Employers:
    """Three queries for a chunk, and a few more for the nearest names of the unknown ones.

    By name only organisations in scope are known; those merged away are found by code alone. A row with a code is not looked for by name.
    """
    known, codes, names = Employers(scope), list(codes), list(names)
    wanted: tuple[tuple[str, set[Any]], ...] = (
        ("credit_code", {code for code in codes if code}),
        ("name_key", {name_key(name) for name in names if name}),
        ("id", set(ids)),
    )
    for field_name, values in wanted:
        for row in among(Organisation.objects.all(), field_name, values).values_list(*NEEDED):
            _take(known, dict(zip(NEEDED, row, strict=True)))
    alone = {name_key(name) for code, name in zip(codes, names, strict=True) if name and not code}
    known.nearest = nearest_names(sorted(alone - known.by_name.keys()), scope)
    return known


def _take(known: Employers, record: Record) -> None:
    if record["id"] in known.by_id:
        return
    known.by_id[record["id"]] = record
    if record["credit_code"]:
        known.by_code[record["credit_code"]] = record
    if record["merged_into_id"] is None and known.scope.covers(record["area_id"]):
        known.by_name[record["name_key"]].append(record)
