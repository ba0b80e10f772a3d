"""The roster of the other hosts: mediation bodies, tripartite bodies, unions, associations, agencies, social organisations (notice:1.2)."""

from datetime import date
from typing import Any

from tongxing.registry.models.organisations import OrganisationKind, Party
from tongxing.registry.wording import PARTIES, clean_kind, clean_party, clean_yes, party_named
from tongxing.sheets.columns import Column
from tongxing.sheets.reading import SourceRow
from tongxing.sheets.sheet import Verdict

from .enterprises import ADDRESS, BEGAN, CONTACT, CREDIT_CODE, ENDED, LEGAL, NAME, PHONE, STATUS, TOWNSHIP
from .rosters import OrganisationRoster, Record


class OrganisationSheet(OrganisationRoster):
    """One line is one organisation that is no plain enterprise."""

    name = "organisations"
    title = "单位名册"
    summary = "企业以外的单位：三方机构、工会、调解组织、协会、人力资源和法律服务机构、镇街园区、培训和评价机构。"
    icon = "building-community"
    clause = "notice:1.2"
    plain = (*OrganisationRoster.plain, "kind", "party", "is_training_provider", "is_assessment_body")
    columns = (
        NAME,
        CREDIT_CODE,
        Column(
            key="kind", heading="单位类别", required=True, judge=clean_kind, cached=True, choices=tuple(OrganisationKind.labels), example="协会",
            synonyms=("类别", "单位类型", "机构类别", "机构类型", "单位性质", "类型", "组织类别"),
        ),
        Column(
            key="party", heading="三方身份", judge=clean_party, cached=True, choices=tuple(Party.labels),
            synonyms=("三方", "三方类别", "三方机构身份"), note="三方机构填写：人社部门、工会、工商联或企业联合会",
        ),
        Column(key="is_training_provider", heading="兼培训机构", judge=clean_yes, cached=True, choices=("是", "否"), synonyms=("是否培训机构",)),
        Column(key="is_assessment_body", heading="兼评价机构", judge=clean_yes, cached=True, choices=("是", "否"), synonyms=("是否评价机构",)),
        TOWNSHIP,
        ADDRESS,
        LEGAL,
        CONTACT,
        PHONE,
        BEGAN,
        STATUS,
        ENDED,
    )  # fmt: skip
    words = {**OrganisationRoster.words, "party": dict(Party.choices)}

    def parse(self, row: SourceRow) -> Verdict:
        verdict = super().parse(row)
        if "party" not in verdict.values and verdict.values.get("kind") == OrganisationKind.TRIPARTITE:
            # 工商联 under 单位类别 says both.
            said = PARTIES.get(row.cells.get("kind", "").strip())
            if said is not None:
                verdict.values["party"] = said
        return verdict

    def _find_party(self, verdict: Verdict, existing: Record | None) -> None:
        """The name of a tripartite body says which party it is; a body called so that is entered as another kind is worth a question."""
        values = verdict.values
        named = party_named(values["name"])
        if named is None or "party" in values or (existing and existing["party"]):
            return
        if values["kind"] == OrganisationKind.TRIPARTITE:
            values["party"] = named
        else:
            label, kind = Party(named).label, OrganisationKind(values["kind"]).label
            advice = f"如果是，请把单位类别填为“三方机构”、三方身份填为“{label}”，否则不计入三方目标。"
            verdict.doubt("单位类别", "party_likely", f"名称像是三方中的{label}，却填为“{kind}”。{advice}")

    def _wanted(self, verdict: Verdict, existing: Record | None, today: date) -> Record:
        self._find_party(verdict, existing)
        wanted: dict[str, Any] = super()._wanted(verdict, existing, today)
        if wanted["kind"] == OrganisationKind.TRIPARTITE and "party" not in wanted and not (existing and existing["party"]):
            verdict.doubt("三方身份", "party_missing", "三方机构没有写明是人社部门、工会、工商联还是企业联合会，覆盖统计认不出，请补填。")
        return wanted
