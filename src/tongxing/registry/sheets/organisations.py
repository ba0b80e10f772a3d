"""The roster of the other hosts: mediation bodies, tripartite bodies, unions, associations, agencies, social organisations (notice:1.2)."""

from datetime import date
from typing import Any

from tongxing.registry.models.organisations import OrganisationKind, Party
from tongxing.registry.wording import clean_kind, clean_party, clean_yes
from tongxing.sheets.columns import Column
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

    def _wanted(self, verdict: Verdict, existing: Record | None, today: date) -> Record:
        wanted: dict[str, Any] = super()._wanted(verdict, existing, today)
        if wanted["kind"] == OrganisationKind.TRIPARTITE and "party" not in wanted and not (existing and existing["party"]):
            verdict.doubt("三方身份", "party_missing", "三方机构没有写明是人社部门、工会、工商联还是企业联合会，覆盖统计认不出，请补填。")
        return wanted
