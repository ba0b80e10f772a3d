"""Online learning in the demonstration: lessons of the running class, a bank of forty questions, examinations and feedback at every stage.

Papers are drawn and handed in by the acts; what was studied on earlier days is written down as it stood.
"""

from datetime import date, timedelta
from random import Random

from django.core.files.base import ContentFile
from django.utils import timezone

from tongxing.accounts.models import User
from tongxing.areas.models import Area
from tongxing.audit.log import SYSTEM
from tongxing.learning import authoring, banking, examining, importing, sitting
from tongxing.learning.feedback import least_shown
from tongxing.learning.models import Attempt, Exam, Feedback, FeedbackGiven, Lesson, Progress, Question, StudyDay
from tongxing.learning.sitting import Given
from tongxing.papers.document import Document, Heading, Paragraph
from tongxing.papers.render import to_pdf
from tongxing.training.models import Enrolment, OnlineCredit, OnlineLesson, TrainingClass

from . import questions

TEXT = """# 订立劳动合同
用人单位自用工之日起即与劳动者建立劳动关系，应当在一个月内订立书面劳动合同。
超过一个月不满一年没有订立的，每月支付二倍的工资；满一年仍不订立的，视为已订立无固定期限劳动合同。
# 必备条款
- 用人单位的名称、住所和法定代表人或者主要负责人
- 劳动者的姓名、住址和身份证件号码
- 合同期限、工作内容和地点、工作时间和休息休假
- 劳动报酬、社会保险、劳动保护
# 试用期
同一用人单位与同一劳动者只能约定一次试用期。期限不满三个月的、以完成一定工作任务为期限的，不得约定试用期。
试用期工资不得低于本单位相同岗位最低档工资或者约定工资的百分之八十，也不得低于当地最低工资标准。
# 协调员的工作
入职当月核对名册与合同；发现没有订立的，当场提醒企业补订，并记入服务记录。"""
BARGAIN = """# 先提要约
工会或者职工代表把要约书书面交给企业，写明协商的内容、时间和地点。按河南省的规定，企业应当在十个工作日内书面答复。
# 选好代表
- 双方代表人数对等，每方至少三人
- 职工一方要有一线职工；女职工多的单位要有女职工代表
- 协商代表在履职期间受保护，不得因此被调岗或解除合同
# 备好数字
同行业、同地区的工资水平，本单位近三年的劳动生产率和利润，居民消费价格指数，最低工资标准。
# 谈成以后
草案提交职工代表大会或者全体职工讨论通过，首席代表签字，报送人力资源社会保障部门审查。十五日内没有提出异议的，即行生效。"""
SLIDES = (
    ("先听后说", "听双方各自把话说完，不打断、不评判。记下时间、地点、金额。"),
    ("分清事实和主张", "事实要有凭据：考勤、工资条、聊天记录。主张要对得上条文。"),
    ("给出可选的办法", "每次至少准备两个办法，说明各自的后果，由双方自己选。"),
    ("写成协议", "写清楚谁、什么时候、做什么、做不到怎么办。签字以前念一遍。"),
)
ROLL = "劳动合同管理", "沟通与争议预防处理", "集体协商与集体合同"


def build(random: Random, users: list[User], county: Area, today: date) -> None:
    """Lessons, bank, examinations, feedback; nothing where no class is running."""
    cast = {user.username: user for user in users}
    officer, clerk = cast["demo-officer"], cast["demo-training"]
    held = TrainingClass.objects.filter(state="running").select_related("course", "provider__organisation").first()
    if held is None:
        return
    importing.write_many(questions.entries(), by=officer)
    banking.use_many(Question.objects.values_list("pk", flat=True), by=officer)
    rows = list(held.enrolments.select_related("person").order_by("serial"))
    _studied(random, _lessons(held, county, officer), rows, today)
    _examined(random, held, county, rows, clerk, today)
    _rated(random)


def _lessons(held: TrainingClass, county: Area, officer: User) -> list[Lesson]:
    contract, talk, bargain = (held.course.topics.get(title=title) for title in ROLL)
    document = Document("调解谈话四步", [part for title, text in SLIDES for part in (Heading(title, 1), Paragraph(text))])
    pdf = ContentFile(to_pdf(document), name="调解谈话四步.pdf")
    made = [
        authoring.make_lesson(contract, by=officer, area=county, title="劳动合同：订立和试用期", kind="text", minutes=45, text=TEXT),
        authoring.make_lesson(talk, by=officer, area=county, title="调解谈话四步", kind="pages", minutes=45, upload=pdf),
        authoring.make_lesson(bargain, by=officer, area=county, title="工资集体协商怎么开头", kind="text", minutes=45, text=BARGAIN),
    ]
    asked = Question.objects.filter(kind="single", function="contracts", case=None).order_by("number")
    for second, question in zip((10 * 60, 30 * 60), asked[:2], strict=True):
        authoring.add_checkpoint(made[0], question, by=officer, second=second)
    for lesson in made:
        authoring.plan_for_class(lesson, held, by=officer)
    return made


def _studied(random: Random, lessons: list[Lesson], rows: list[Enrolment], today: date) -> None:
    """Four days of it: most have the first lesson behind them, some the second, nobody the third."""
    planned = {row.key: row for row in OnlineLesson.objects.filter(key__in=[lesson.uid for lesson in lessons])}
    progress, credited, days = [], [], []
    for place, row in enumerate(rows):
        shares = (100, 45, 0) if place == 0 else (100, random.choice((100, 100, 60, 0)), 0) if place % 5 else (random.choice((35, 0)), 0, 0)
        for lesson, share in zip(lessons, shares, strict=True):
            if share == 0:
                continue
            ended = timezone.now() - timedelta(days=3 - place % 3, minutes=random.randint(0, 300))
            length = lesson.seconds * 1000
            one = Progress(enrolment=row, lesson=lesson, position_ms=length * share // 100, furthest_ms=length * share // 100)
            one.earned_ms, one.studied_at, one.begun_at = one.furthest_ms * 97 // 100, ended, ended - timedelta(minutes=50)
            if share == 100:
                one.done_at = ended
                credited.append(OnlineCredit(lesson=planned[lesson.uid], enrolment=row, minutes=lesson.minutes, at=ended))
            progress.append(one)
    Progress.objects.bulk_create(progress)
    OnlineCredit.objects.bulk_create(credited)
    for one in progress:
        on = timezone.localdate(one.studied_at)
        known = {"earned_ms": one.earned_ms, "first_at": one.begun_at, "last_at": one.studied_at}
        days.append(StudyDay(person_id=one.enrolment.person_id, progress=one, on=on, **known))
    StudyDay.objects.bulk_create(days)


def _exam(title: str, county: Area, clerk: User, held: TrainingClass | None, closes_on: date | None) -> Exam:
    exam = examining.make_exam(
        by=clerk, area=county, title=title, level=4, minutes=40, pass_percent=60, training_class=held, closes_on=closes_on
    )
    for kind, count, points in (("single", 12, 3), ("multiple", 6, 4), ("judge", 8, 2), ("case", 1, 4)):
        examining.add_line(exam, by=clerk, kind=kind, count=count, points=points)
    return exam


def _examined(random: Random, held: TrainingClass, county: Area, rows: list[Enrolment], clerk: User, today: date) -> None:
    """One open with attempts done and running, one for everybody, one over, one still being made."""
    over = examining.open_exam(_exam("入学摸底", county, clerk, held, None), by=clerk, seed="2026-1121")
    for row in rows[:5]:
        _sat(random, over, row, 0.55)
    examining.close_exam(over, by=clerk)
    exam = examining.open_exam(_exam("第一次模拟考试", county, clerk, held, today + timedelta(days=10)), by=clerk, seed="2026-1123-08")
    for place, row in enumerate(rows[:12]):
        _sat(random, exam, row, 0.6 + place % 4 * 0.1)
    sitting.start(exam, rows[12].person, by=SYSTEM)
    examining.open_exam(_exam("四级自测（人人可考）", county, clerk, None, None), by=clerk)
    _exam("第二次模拟考试", county, clerk, held, today + timedelta(days=20))


def _sat(random: Random, exam: Exam, row: Enrolment, ability: float) -> Attempt:
    attempt = sitting.start(exam, row.person, by=SYSTEM)
    given = {}
    for item in attempt.items.select_related("question").prefetch_related("question__options"):
        right = item.question.right
        other = random.choice([option.letter for option in item.question.options.all() if option.letter != right])
        given[item.position] = Given(right if random.random() < ability else other, 1)
    return sitting.submit(attempt, given, by=SYSTEM)


def _rated(random: Random) -> None:
    """One class with answers enough to be shown, one with too few."""
    over = TrainingClass.objects.filter(state__in=("finished", "archived")).order_by("-starts_on")
    for held, number in zip(over[:2], (9, 3), strict=False):
        rows = list(held.enrolments.filter(state__in=("completed", "incomplete"))[:number])
        FeedbackGiven.objects.bulk_create(FeedbackGiven(enrolment=row) for row in rows)
        words = ["案例讲得实在，希望多一些本地的。", "时间有点赶，能不能放在周末。"]
        Feedback.objects.bulk_create(
            Feedback(
                training_class=held,
                content=random.choice((4, 5)),
                teaching=random.choice((4, 5, 5)),
                practice=random.choice((3, 4, 5)),
                arrangement=random.choice((2, 3, 4)),
                overall=random.choice((4, 4, 5)),
                words=words[place] if place < len(words) else "",
                is_released=place < len(rows) // least_shown() * least_shown(),
            )
            for place, _ in enumerate(rows)
        )
