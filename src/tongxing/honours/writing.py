"""The papers for the province as plain documents: letter, summary, and a short and a long form for each nominee (notice:3.3.2, A1, A2)."""

from collections.abc import Sequence
from datetime import date

from tongxing.papers.document import Block, Document, Heading, Paragraph, Table, day_in_words

from . import keeping
from .models import Choice, Kind, Nomination, Selection, Vote


def letter(selection: Selection, nominees: Sequence[Nomination], *, sender: str, on: date) -> Document:
    """推荐函: who is recommended, and how they were chosen."""
    people = [one for one in nominees if one.kind == Kind.PERSON]
    bodies = [one for one in nominees if one.kind == Kind.ORGANISATION]
    blocks: list[Block] = [
        Paragraph("河南省协调劳动关系三方机制办公室："),
        Paragraph(
            f"根据选树金牌劳动关系协调员和金牌协调劳动关系社会组织的要求，经推荐申报、资格审核、走访核实、三方评审、会议研究和公示，"
            f"{selection.year} 年度我单位推荐协调员 {len(people)} 名、社会组织 {len(bodies)} 家。"
        ),
    ]
    if people:
        blocks += [Heading("推荐的劳动关系协调员"), Paragraph("、".join(one.subject.name for one in people) + "。")]
    if bodies:
        blocks += [Heading("推荐的协调劳动关系社会组织"), Paragraph("、".join(one.subject.name for one in bodies) + "。")]
    blocks.append(Paragraph("附件：1. 推荐汇总表；2. 推荐表和事迹材料；3. 证明材料。"))
    return Document("关于推荐金牌劳动关系协调员和社会组织的函", blocks, issued_by=sender, issued_on=on)


def summary(selection: Selection, nominees: Sequence[Nomination], works: dict[int, str], *, sender: str, on: date) -> Document:
    """推荐汇总表: people and organisations, in the order of the meeting."""
    blocks: list[Block] = []
    people = [one for one in nominees if one.kind == Kind.PERSON]
    bodies = [one for one in nominees if one.kind == Kind.ORGANISATION]
    if people:
        rows = [
            [place, one.subject.name, works.get(one.pk, ""), one.area.short_name, "是" if one.front_line else "否", one.summary]
            for place, one in enumerate(people, start=1)
        ]
        headings = ("序号", "姓名", "单位", "区划", "一线人员", "简要事迹")
        blocks.append(Table(headings, rows, widths=(1, 2, 4, 2, 2, 8), numeric=(0,), title="劳动关系协调员"))
    if bodies:
        rows = [[place, one.subject.name, one.area.short_name, one.summary] for place, one in enumerate(bodies, start=1)]
        blocks.append(Table(("序号", "名称", "区划", "简要事迹"), rows, widths=(1, 5, 2, 8), numeric=(0,), title="协调劳动关系社会组织"))
    return Document(f"{selection.year} 年度推荐汇总表", blocks, issued_by=sender, issued_on=on, landscape=True)


def _deeds(one: Nomination) -> str:
    return "；".join(title for clause, title in keeping.deeds_of(one) if clause in one.deeds)


def _facts(one: Nomination, work: str) -> list[list[str]]:
    rows = [["推荐编号", one.number], ["姓名" if one.person_id else "名称", one.subject.name]]
    if one.person_id:
        rows += [["所在单位", work], ["一线人员", "是" if one.front_line else "否"]]
    return [
        *rows,
        ["区划", one.area.short_name],
        ["推荐方式", f"{one.get_way_display()}：{one.nominator_name}"],
        ["符合的业绩条件", _deeds(one)],
    ]


def short_form(one: Nomination, work: str, *, sender: str, on: date) -> Document:
    """推荐表: one page, with room for opinions and seals."""
    blank = "                （盖章）        年    月    日"
    facts = Table(("项目", "内容"), [*_facts(one, work), ["简要事迹", one.summary]], widths=(1, 4))
    opinions = Table(("单位", "意见"), [[of, blank] for of in ("所在单位", "人社部门", "三方机制")], widths=(1, 4), roomy=True)
    name = "金牌劳动关系协调员推荐表" if one.person_id else "金牌协调劳动关系社会组织推荐表"
    return Document(name, [facts, opinions], subtitle=one.subject.name, issued_by=sender, issued_on=on)


def long_form(one: Nomination, work: str, pieces: Sequence[tuple[str, str, str]], vote: Vote | None, *, sender: str, on: date) -> Document:
    """事迹材料: what was judged, the deeds, every piece of the dossier with what it proves, opinions, visits and the vote."""
    blocks: list[Block] = [Heading("基本情况"), Table(("项目", "内容"), _facts(one, work), widths=(1, 4)), Heading("主要事迹")]
    blocks += [Paragraph(line) for line in one.story.splitlines() if line.strip()]
    if kept := keeping.read(one.verdict):
        rows = [[each.title, each.answer.label, " ".join(each.reasons)] for each in kept.conditions]
        blocks += [Heading(f"资格核对（{kept.on}）"), Table(("条件", "结论", "依据"), rows, widths=(3, 1, 4))]
    if pieces:
        blocks += [Heading("证明材料目录"), Table(("种类", "内容", "证明的条件"), [list(piece) for piece in pieces], widths=(1, 4, 3))]
    if opinions := list(one.opinions.all()):
        rows = [[each.body, "同意" if each.agrees else "不同意", each.text, str(each.given_on)] for each in opinions]
        blocks += [Heading("单位和部门意见"), Table(("出具单位", "结论", "意见", "日期"), rows, widths=(3, 1, 5, 2))]
    if visits := list(one.visits.all()):
        rows = [[str(each.visited_on), each.place, each.visitors, "属实" if each.confirmed else "不符", each.findings] for each in visits]
        blocks += [Heading("走访核实"), Table(("日期", "地点", "走访人", "结论", "情况"), rows, widths=(2, 2, 2, 1, 5))]
    if vote and vote.choice == Choice.CHOSEN:
        blocks += [
            Heading("会议研究"),
            Paragraph(f"{vote.meeting.held_on} 会议表决：同意 {vote.agree}，不同意 {vote.against}，弃权 {vote.abstain}。"),
        ]
    return Document("事迹材料", blocks, subtitle=one.subject.name, issued_by=sender, issued_on=on)


def feedback(one: Nomination, *, sender: str, on: date) -> Document:
    """给未入选者的反馈: what was met and what was missing, without scores and without anybody else's name."""
    subject = one.subject.name
    said_why = {
        "passed_over": "经评审和会议研究，今年名额有限，没有列入推荐名单。",
        "refused": f"审核时有条件不符合：{one.state_note}",
        "stopped": f"公示期间收到异议，经核查成立：{one.state_note}",
    }[one.state]
    blocks: list[Block] = [
        Paragraph(f"{subject}："),
        Paragraph(f"感谢参加 {one.selection.year} 年度选树。{said_why}"),
    ]
    if kept := keeping.read(one.verdict):
        # The reasons on an organisation name its members, who are others to whoever reads the letter.
        told = [[each.title, each.answer.label, " ".join(each.reasons)] for each in kept.conditions]
        rows, headings = (told, ("条件", "结论", "依据")) if one.person_id else ([row[:2] for row in told], ("条件", "结论"))
        blocks += [Heading("资格条件核对情况"), Table(headings, rows, widths=(3, 1, 4)[: len(headings)])]
        missing = [each.title for each in kept.deeds if each.answer.value != "met" and each.clause not in one.deeds]
        if missing:
            blocks += [Heading("以后可以充实的业绩"), Paragraph("；".join(missing) + "。")]
    blocks.append(Paragraph(f"欢迎继续参加以后的选树。（{day_in_words(on)}）"))
    return Document("选树结果反馈", blocks, issued_by=sender, issued_on=on)
