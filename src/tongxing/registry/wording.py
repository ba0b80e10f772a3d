"""What people write in rosters for the codes of the register: kinds, parties, statuses, education, politics, sex, yes and no.

Each `clean_…` takes the cell's text and returns the code, or raises ValidationError that names what may stand there.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.core.exceptions import ValidationError

from tongxing.core.identifiers import squeeze

from .models.organisations import OrganisationKind, OrganisationStatus, Party
from .models.people import Education, IdType, Politics, Sex

TOWNSHIP_HEADINGS = (
    "镇街",
    "乡镇",
    "街道",
    "镇办",
    "片区",
    "辖区",
    "乡镇街道",
    "镇（街道）",
    "乡镇（街道）",
    "所属镇（街道）",
    "所属乡镇",
    "所属乡镇（街道）",
    "所属街道",
    "所属镇办",
    "所属区域",
    "所属区划",
    "所属园区",
    "所在镇街",
    "所在镇（街道）",
    "所在乡镇",
    "所在乡镇（街道）",
    "所在街道",
    "所在区域",
)
"""How people head the column 所属镇街."""


KINDS: dict[str, str] = {
    "企业": OrganisationKind.ENTERPRISE, "公司": OrganisationKind.ENTERPRISE, "用人单位": OrganisationKind.ENTERPRISE,
    "国有企业": OrganisationKind.ENTERPRISE, "民营企业": OrganisationKind.ENTERPRISE, "个体工商户": OrganisationKind.ENTERPRISE,
    "调解机构": OrganisationKind.MEDIATION, "调解组织": OrganisationKind.MEDIATION, "调解委员会": OrganisationKind.MEDIATION,
    "劳动争议调解组织": OrganisationKind.MEDIATION, "人民调解委员会": OrganisationKind.MEDIATION, "仲裁机构": OrganisationKind.MEDIATION,
    "三方机构": OrganisationKind.TRIPARTITE, "三方": OrganisationKind.TRIPARTITE, "协调劳动关系三方机构": OrganisationKind.TRIPARTITE,
    "人社部门": OrganisationKind.TRIPARTITE, "人社局": OrganisationKind.TRIPARTITE, "工商联": OrganisationKind.TRIPARTITE,
    "总工会": OrganisationKind.TRIPARTITE, "企业联合会": OrganisationKind.TRIPARTITE, "企联": OrganisationKind.TRIPARTITE,
    "地方行业工会": OrganisationKind.UNION, "行业工会": OrganisationKind.UNION, "工会": OrganisationKind.UNION, "地方工会": OrganisationKind.UNION,
    "协会": OrganisationKind.ASSOCIATION, "行业协会": OrganisationKind.ASSOCIATION, "商会": OrganisationKind.ASSOCIATION,
    "人力资源服务机构": OrganisationKind.HR_AGENCY, "人力资源公司": OrganisationKind.HR_AGENCY, "人力资源": OrganisationKind.HR_AGENCY,
    "劳务派遣机构": OrganisationKind.HR_AGENCY, "人力资源机构": OrganisationKind.HR_AGENCY,
    "法律服务机构": OrganisationKind.LEGAL_AGENCY, "律师事务所": OrganisationKind.LEGAL_AGENCY, "律所": OrganisationKind.LEGAL_AGENCY,
    "法律服务所": OrganisationKind.LEGAL_AGENCY,
    "其他协调劳动关系社会组织": OrganisationKind.SOCIAL, "社会组织": OrganisationKind.SOCIAL, "协调劳动关系社会组织": OrganisationKind.SOCIAL,
    "民办非企业": OrganisationKind.SOCIAL, "社会服务机构": OrganisationKind.SOCIAL, "社会团体": OrganisationKind.SOCIAL,
    "培训机构": OrganisationKind.TRAINING, "职业培训机构": OrganisationKind.TRAINING,
    "评价机构": OrganisationKind.ASSESSMENT, "社会培训评价组织": OrganisationKind.ASSESSMENT, "认定机构": OrganisationKind.ASSESSMENT,
    "镇街、园区机构": OrganisationKind.GRASSROOTS, "镇街": OrganisationKind.GRASSROOTS, "乡镇": OrganisationKind.GRASSROOTS,
    "街道": OrganisationKind.GRASSROOTS, "园区": OrganisationKind.GRASSROOTS, "镇街机构": OrganisationKind.GRASSROOTS,
    "镇": OrganisationKind.GRASSROOTS, "街道办事处": OrganisationKind.GRASSROOTS, "社区": OrganisationKind.GRASSROOTS,
    "其他单位": OrganisationKind.OTHER, "其他": OrganisationKind.OTHER, "机关事业单位": OrganisationKind.OTHER, "事业单位": OrganisationKind.OTHER,
    "机关": OrganisationKind.OTHER,
}  # fmt: skip
PARTIES: dict[str, str] = {
    "人社部门": Party.HR, "人社": Party.HR, "人社局": Party.HR, "人力资源社会保障局": Party.HR, "人力资源和社会保障局": Party.HR, "政府": Party.HR,
    "工会": Party.UNION, "总工会": Party.UNION,
    "工商联": Party.FEDERATION, "工商业联合会": Party.FEDERATION,
    "企业联合会": Party.ENTERPRISES, "企联": Party.ENTERPRISES, "企业家协会": Party.ENTERPRISES,
}  # fmt: skip
STATUSES: dict[str, str] = {
    "在营": OrganisationStatus.OPERATING, "正常": OrganisationStatus.OPERATING, "存续": OrganisationStatus.OPERATING,
    "开业": OrganisationStatus.OPERATING, "在业": OrganisationStatus.OPERATING, "营业": OrganisationStatus.OPERATING,
    "正常经营": OrganisationStatus.OPERATING, "在册": OrganisationStatus.OPERATING, "存续(在营、开业、在册)": OrganisationStatus.OPERATING,
    "停业": OrganisationStatus.SUSPENDED, "歇业": OrganisationStatus.SUSPENDED, "停产": OrganisationStatus.SUSPENDED,
    "注销": OrganisationStatus.CLOSED, "已注销": OrganisationStatus.CLOSED, "关闭": OrganisationStatus.CLOSED, "撤销": OrganisationStatus.CLOSED,
    "吊销": OrganisationStatus.REVOKED, "已吊销": OrganisationStatus.REVOKED, "吊销未注销": OrganisationStatus.REVOKED,
    "迁出": OrganisationStatus.MOVED, "已迁出": OrganisationStatus.MOVED, "外迁": OrganisationStatus.MOVED,
}  # fmt: skip
EDUCATIONS: dict[str, str] = {
    "研究生": Education.POSTGRADUATE, "博士": Education.POSTGRADUATE, "硕士": Education.POSTGRADUATE, "博士研究生": Education.POSTGRADUATE,
    "硕士研究生": Education.POSTGRADUATE, "研究生教育": Education.POSTGRADUATE, "在职研究生": Education.POSTGRADUATE,
    "大学本科": Education.BACHELOR, "本科": Education.BACHELOR, "大本": Education.BACHELOR, "大学": Education.BACHELOR,
    "学士": Education.BACHELOR, "全日制本科": Education.BACHELOR, "在职本科": Education.BACHELOR,
    "大学专科": Education.COLLEGE, "大专": Education.COLLEGE, "专科": Education.COLLEGE, "高职": Education.COLLEGE,
    "大学专科教育": Education.COLLEGE, "全日制大专": Education.COLLEGE,
    "中等职业教育": Education.VOCATIONAL, "中专": Education.VOCATIONAL, "中技": Education.VOCATIONAL, "职高": Education.VOCATIONAL,
    "技校": Education.VOCATIONAL, "技工学校": Education.VOCATIONAL, "职业高中": Education.VOCATIONAL,
    "普通高中": Education.HIGH_SCHOOL, "高中": Education.HIGH_SCHOOL, "初中": Education.JUNIOR, "初级中学": Education.JUNIOR,
    "小学": Education.PRIMARY, "其他": Education.OTHER, "文盲": Education.OTHER,
}  # fmt: skip
POLITICS: dict[str, str] = {
    "中共党员": Politics.PARTY, "党员": Politics.PARTY, "中国共产党党员": Politics.PARTY, "共产党员": Politics.PARTY,
    "中共预备党员": Politics.PROBATIONARY, "预备党员": Politics.PROBATIONARY,
    "共青团员": Politics.LEAGUE, "团员": Politics.LEAGUE,
    "民主党派": Politics.DEMOCRATIC, "民革": Politics.DEMOCRATIC, "民盟": Politics.DEMOCRATIC, "民建": Politics.DEMOCRATIC,
    "民进": Politics.DEMOCRATIC, "农工党": Politics.DEMOCRATIC, "致公党": Politics.DEMOCRATIC, "九三学社": Politics.DEMOCRATIC, "台盟": Politics.DEMOCRATIC,
    "无党派人士": Politics.INDEPENDENT, "无党派": Politics.INDEPENDENT, "群众": Politics.MASSES, "普通群众": Politics.MASSES,
}  # fmt: skip
SEXES: dict[str, int] = {
    "男": Sex.MALE,
    "男性": Sex.MALE,
    "1": Sex.MALE,
    "M": Sex.MALE,
    "女": Sex.FEMALE,
    "女性": Sex.FEMALE,
    "2": Sex.FEMALE,
    "F": Sex.FEMALE,
}
FULL_TIME: dict[str, bool] = {"专职": True, "全职": True, "是": True, "兼职": False, "否": False}
SECOND, TRANSFER = "second", "transfer"
CHANGES: dict[str, str] = {
    **dict.fromkeys(("调动", "调入", "换单位", "转任", "变更单位"), TRANSFER),
    **dict.fromkeys(("兼任", "增加任职", "兼任第二家", "同时任职"), SECOND),
}
ID_TYPES: dict[str, str] = {
    "居民身份证": IdType.RESIDENT, "身份证": IdType.RESIDENT, "护照": IdType.PASSPORT, "港澳通行证": IdType.HK_MACAU,
    "港澳居民来往内地通行证": IdType.HK_MACAU, "回乡证": IdType.HK_MACAU, "台胞证": IdType.TAIWAN, "台湾居民来往大陆通行证": IdType.TAIWAN,
    "港澳台居民居住证": IdType.RESIDENCE, "外国人永久居留身份证": IdType.FOREIGN,
}  # fmt: skip
LEVELS: dict[str, int] = {
    **dict.fromkeys(("一级", "1", "1级", "高级技师", "一级/高级技师", "高级劳动关系协调师", "一级/高级劳动关系协调师", "高级劳动关系协调师(一级)"), 1),
    **dict.fromkeys(("二级", "2", "2级", "技师", "二级/技师", "劳动关系协调师", "二级/劳动关系协调师", "劳动关系协调师(二级)"), 2),
    **dict.fromkeys(("三级", "3", "3级", "高级工", "三级/高级工", "高级", "三级/劳动关系协调员", "劳动关系协调员(三级)", "三级劳动关系协调员"), 3),
    **dict.fromkeys(("四级", "4", "4级", "中级工", "四级/中级工", "中级", "四级/劳动关系协调员", "劳动关系协调员(四级)", "四级劳动关系协调员"), 4),
}  # fmt: skip
NO_LEVEL = frozenset(squeeze(word) for word in ("无", "无证", "未取证", "/", "-", "—", "暂无"))


def _plain(text: str) -> str:
    return squeeze(text).strip("。.")


def chooser(words: Mapping[str, Any], what: str, code: str, shown: Iterable[str], codes: Iterable[Any] = ()) -> Callable[[str], Any]:
    """A judge for a column with few values: any spelling in `words`, any of the `codes` themselves."""
    known = {_plain(word): value for word, value in words.items()} | {_plain(str(value)): value for value in codes}
    may_be = "、".join(shown)

    def choose(raw: str) -> Any:
        text = _plain(raw)
        if text in known:
            return known[text]
        raise ValidationError(f"{what}“{raw.strip()[:20]}”不在可选项中，请填写：{may_be}。", code=code)

    return choose


def labels(words: Iterable[Any]) -> tuple[str, ...]:
    return tuple(str(word) for word in words)


PARTY_NAMES: dict[str, str] = {
    "人力资源和社会保障局": Party.HR, "人力资源社会保障局": Party.HR, "人社局": Party.HR,
    "总工会": Party.UNION,
    "工商业联合会": Party.FEDERATION, "工商联": Party.FEDERATION, "工商联合会": Party.FEDERATION,
    "企业联合会": Party.ENTERPRISES,
}  # fmt: skip
"""How the names of the three parties' bodies end."""


def party_named(name: str) -> str | None:
    """The party whose body is called so: 济源市总工会 → union; None for other names."""
    return next((party for ending, party in PARTY_NAMES.items() if name.endswith(ending)), None)


clean_kind = chooser(KINDS, "单位类别", "kind_unknown", OrganisationKind.labels, OrganisationKind.values)
clean_party = chooser(PARTIES, "三方身份", "party_unknown", Party.labels, Party.values)
clean_status = chooser(STATUSES, "单位状态", "status_unknown", OrganisationStatus.labels, OrganisationStatus.values)
clean_education = chooser(EDUCATIONS, "学历", "education_unknown", Education.labels, Education.values)
clean_politics = chooser(POLITICS, "政治面貌", "politics_unknown", Politics.labels, Politics.values)
clean_sex = chooser(SEXES, "性别", "sex_unknown", ("男", "女"))
clean_full_time = chooser(FULL_TIME, "专/兼职", "full_time_unknown", ("专职", "兼职"))
clean_change = chooser(CHANGES, "变动方式", "change_unknown", ("调动（原任职结束）", "兼任（原任职保留）"))
clean_id_type = chooser(ID_TYPES, "证件类型", "id_type_unknown", IdType.labels, IdType.values)
clean_yes = chooser(
    {"是": True, "有": True, "1": True, "Y": True, "√": True, "否": False, "无": False, "0": False, "N": False}, "", "yes_no", ("是", "否")
)
_level = chooser(LEVELS, "技能等级", "level_unknown", ("一级", "二级", "三级", "四级"))


def clean_level(raw: str) -> int | None:
    """1 (highest) to 4; None for 无, 未取证 and the like."""
    return None if _plain(raw) in NO_LEVEL else _level(raw)
