"""Clause ids as people cite them: "notice:3.1.1" is 通知 三（一）. The ids are those of the founding notice and of the provisions."""

import re

NUMERALS = "零一二三四五六七八九"
HEADINGS = {
    "1.1": "劳动关系协调员的职责",
    "1.2": "协调员的分布",
    "1.3": "四个技能等级",
    "1.4": "协调劳动关系社会组织",
    "2.1": "大中型企业至少配备 1 名协调员",
    "2.2": "人社、工会、工商联分别至少配备 1 名协调员",
    "2.3": "每个街道（乡镇）、园区至少配备 1 名协调员",
    "2.4": "基本覆盖辖区小微企业",
    "2.5": "发挥作用",
    "3.1.1": "年培训不低于 60 人",
    "3.1.2": "培训补贴和评价补贴",
    "3.1.3": "市场化培训评价",
    "3.1.4": "职业技能等级评价",
    "3.2.1": "技能竞赛",
    "3.2.2": "技能人才薪酬分配指引",
    "3.2.3": "管理办法与培育",
    "3.3.1": "每年选树 3 至 5 名协调员、至少 1 家社会组织",
    "3.3.2": "每年 11 月底前推荐",
    "3.4.1": "建立协调员数据库，动态掌握构成及分布",
    "3.4.2": "协调员管理制度",
    "3.4.3": "学习交流机制",
    "4.1": "加强领导",
    "4.2": "三方协同",
    "4.3": "广泛宣传",
}
_NOTICE = re.compile(r"(A[12]\.)?(\d)(?:\.(\d))?(?:\.(\d))?")


def cited(clause: str) -> str:
    """How a clause is cited in text: 通知 二, 通知 三（一）, 附件1 三（2）; other sources stand as they are."""
    source, _, number = clause.partition(":")
    match = _NOTICE.fullmatch(number) if source == "notice" else None
    if not match:
        return number or source
    annex, *parts = match.groups()
    digits = [int(part) for part in parts if part]
    text = f"附件{annex[1]} " if annex else "通知 "
    text += NUMERALS[digits[0]]
    if annex:
        return text + "".join(f"（{digit}）" for digit in digits[1:2])
    # Section two is one paragraph: its targets are cited by the section alone.
    return text + (f"（{NUMERALS[digits[1]]}）" if len(digits) > 1 and digits[0] in (3, 4) else "")


def heading(clause: str) -> str:
    return HEADINGS.get(clause.partition(":")[2], "")
