"""The papers for the province as plain documents: letter, summary, and a short and a long form for each nominee (notice:3.3.2, A1, A2)."""

from collections.abc import Sequence
from datetime import date

from tongxing.certificates.models import Certificate, Level
from tongxing.papers.document import Block, Document, Heading, Paragraph, Table, day_in_words
from tongxing.registry.models.people import Sex

from . import keeping
from .conditions import Answer
from .models import Choice, Kind, Nomination, Selection, Vote


def letter(selection: Selection, nominees: Sequence[Nomination], *, sender: str, on: date) -> Document:
    """推荐函: who is recommended, and how they were chosen."""
    people = [one for one in nominees if one.kind == Kind.PERSON]
    bodies = [one for one in nominees if one.kind == Kind.ORGANISATION]
    blocks: list[Block] = [
        Paragraph("河南省协调劳动关系三方机制办公室：", flush=True),
        Paragraph(
            f"根据选树金牌劳动关系协调员和金牌协调劳动关系社会组织的要求，经推荐申报、资格审核、走访核实、三方评审、会议研究和公示，"
            f"{selection.year} 年度我单位推荐协调员 {len(people)} 名、社会组织 {len(bodies)} 家。"
        ),
    ]
    if people:
        blocks.append(Paragraph(f"推荐的劳动关系协调员：{'、'.join(one.subject.name for one in people)}。"))
    if bodies:
        blocks.append(Paragraph(f"推荐的协调劳动关系社会组织：{'、'.join(one.subject.name for one in bodies)}。"))
    blocks += [Paragraph("请予审核。"), Paragraph("附件：1. 推荐汇总表\n　　　2. 推荐表和事迹材料\n　　　3. 证明材料")]
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


def _facts(one: Nomination, work: str) -> list[tuple[str, str]]:
    """What stands at the head of both forms; no number of the ID card, which the pack does not hold."""
    common = [("区划", one.area.short_name), ("推荐编号", one.number), ("推荐方式", f"{one.get_way_display()}：{one.nominator_name}")]
    if one.person is None:
        assert one.organisation is not None  # the constraint
        body = one.organisation
        return [("名称", body.name), ("类别", body.get_kind_display()), ("统一社会信用代码", body.credit_code or ""), *common]
    person = one.person
    paper = Certificate.objects.valid_on(one.selection.judged_on).filter(person=person).order_by("level", "-issued_on").first()
    return [
        ("姓名", person.name),
        ("性别", person.get_sex_display() if person.sex in {Sex.MALE, Sex.FEMALE} else ""),
        ("出生年月", f"{person.born_on.year}年{person.born_on.month}月" if person.born_on else ""),
        ("政治面貌", person.get_politics_display() if person.politics else ""),
        ("学历", person.get_education_display() if person.education else ""),
        ("证书等级", Level(paper.level).label.partition("/")[0] if paper else ""),
        ("证书编号", paper.number if paper else ""),
        ("所在单位", work),
        ("一线人员", "是" if one.front_line else "否"),
        *common,
    ]


def _grid(facts: Sequence[tuple[str, str]]) -> Table:
    """Two facts a line, as on a printed form."""
    pairs = [*facts, ("", "")] if len(facts) % 2 else list(facts)
    rows = [[*left, *right] for left, right in zip(pairs[::2], pairs[1::2], strict=True)]
    return Table(("项目", "内容", "项目", "内容"), rows, widths=(2, 4, 2, 4))


def short_form(one: Nomination, work: str) -> Document:
    """推荐表: one page however much was written, with room for opinions and seals; who sends it signs in it."""
    facts, told = _facts(one, work), [("符合的业绩条件", _deeds(one)), ("简要事迹", one.summary)]
    # What was written takes its lines from the room for words beside the seals.
    free = max(0, 5 - sum(len(value) for _, value in [*facts, *told]) // 100)
    blank = "\n" * free + "　　　　　　　　　　　（盖章）　　　　年　　月　　日"
    of = ("所在单位" if one.person_id else "本单位", "人社部门", "三方机制")
    tables = [
        _grid(facts),
        Table(("项目", "内容"), told, widths=(2, 10)),
        Table(("单位", "意见"), [[each, blank] for each in of], widths=(2, 10)),
    ]
    name = "金牌劳动关系协调员推荐表" if one.person_id else "金牌协调劳动关系社会组织推荐表"
    return Document(name, tables, subtitle=f"{one.selection.year} 年度")


def _conditions(one: Nomination, *, reasons: bool = True) -> list[Block]:
    """What was asked of every nominee, and the deeds that were claimed; what is left to papers and people is not called missing."""
    kept = keeping.read(one.verdict)
    if kept is None:
        return []
    asked = [each for each in kept.conditions if not each.any_of or each.clause in one.deeds]
    words = {Answer.TO_SHOW: "见材料"}
    rows = [[each.title, words.get(each.answer, each.answer.label), *([" ".join(each.reasons)] if reasons else [])] for each in asked]
    headings, widths = ("条件", "结论", "依据")[: 2 + reasons], (3, 1, 4)[: 2 + reasons]
    return [Heading(f"资格条件核对情况（{day_in_words(kept.on)}）"), Table(headings, rows, widths=widths)]


def long_form(one: Nomination, work: str, pieces: Sequence[tuple[str, str, str]], vote: Vote | None, *, sender: str, on: date) -> Document:
    """事迹材料: what was judged, the deeds, every piece of the dossier with what it proves, opinions, visits and the vote."""
    blocks: list[Block] = [Heading("基本情况"), _grid(_facts(one, work)), Heading("符合的业绩条件"), Paragraph(f"{_deeds(one)}。")]
    blocks.append(Heading("主要事迹"))
    blocks += [Paragraph(line) for line in one.story.splitlines() if line.strip()]
    blocks += _conditions(one)
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
            Paragraph(f"{day_in_words(vote.meeting.held_on)}会议表决：同意 {vote.agree}，不同意 {vote.against}，弃权 {vote.abstain}。"),
        ]
    return Document("事迹材料", _numbered(blocks), subtitle=one.subject.name, issued_by=sender, issued_on=on)


def _numbered(blocks: Sequence[Block]) -> list[Block]:
    """The headings as GB/T 9704-2012 counts them: 一、二、三."""
    numerals = iter("一二三四五六七八九十")
    return [Heading(f"{next(numerals)}、{block.text}", block.level) if isinstance(block, Heading) else block for block in blocks]


def feedback(one: Nomination, *, sender: str, on: date) -> Document:
    """给未入选者的反馈: what was met and what was missing, without scores and without anybody else's name."""
    said_why = {
        "passed_over": "经评审和会议研究，今年名额有限，没有列入推荐名单。",
        "refused": f"审核时有条件不符合：{one.state_note}",
        "stopped": f"公示期间收到异议，经核查成立：{one.state_note}",
    }[one.state]
    blocks: list[Block] = [
        Paragraph(f"{one.subject.name}：", flush=True),
        Paragraph(f"感谢参加 {one.selection.year} 年度选树。{said_why}"),
        # The reasons on an organisation name its members, who are others to whoever reads the letter.
        *_conditions(one, reasons=one.person_id is not None),
    ]
    if missing := [title for clause, title in keeping.deeds_of(one) if clause not in one.deeds]:
        blocks += [Heading("以后还可以充实的业绩"), Paragraph("；".join(missing) + "。")]
    blocks.append(Paragraph("欢迎继续参加以后的选树。"))
    return Document("选树结果反馈", _numbered(blocks), issued_by=sender, issued_on=on)
