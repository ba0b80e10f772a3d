"""Pages of learning, as people use them: trainee, provider, officer; what must not be seen is not seen."""

import io
import json
import struct
from types import SimpleNamespace
from typing import Any

import pytest
import typst
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.module_loading import import_string

from tongxing.audit.log import COMMAND_LINE
from tongxing.core.errors import Refused
from tongxing.learning import authoring, banking, sitting
from tongxing.learning.filming import pictures_of, seconds_of
from tongxing.learning.models import Attempt, Exam, Lesson, Progress, Question
from tongxing.registry.tests.people_factories import a_person
from tongxing.training.models import Enrolment, Provider, TrainingClass
from tongxing.training.tests.world import a_provider, an_account

from .test_sitting import over
from .world import a_lesson, a_question, an_exam, studied

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _storage(settings: Any, tmp_path: Any) -> None:
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {"BACKEND": "tongxing.files.sealed.SealedStorage", "OPTIONS": {"location": tmp_path}},
    }


def page(client: Client, name: str, *args: object, status: int = 200, **query: str) -> str:
    answer = client.get(reverse(f"learning:{name}", args=args), query)
    assert answer.status_code == status, answer.content.decode()[-2000:]
    return answer.content.decode()


def trainee(client: Client, world: SimpleNamespace, jiyuan: SimpleNamespace) -> Client:
    client.force_login(an_account("trainee", "trainee", area=jiyuan.county, person=world.row.person))
    return client


def send(client: Client, name: str, *args: object, **said: Any) -> tuple[int, dict[str, Any]]:
    answer = client.post(
        reverse(f"learning:{name}", args=args), json.dumps(said), content_type="application/json", headers={"Accept": "application/json"}
    )
    return answer.status_code, answer.json()


def film(seconds: int, version: int = 0) -> bytes:
    """The smallest file with the boxes of a film."""
    times = struct.pack(">QQIQ", 0, 0, 1000, seconds * 1000) if version else struct.pack(">IIII", 0, 0, 1000, seconds * 1000)
    header = bytes([version, 0, 0, 0]) + times + b"\0" * 80
    inner = struct.pack(">I", len(header) + 8) + b"mvhd" + header
    boxes = ((b"ftyp", b"mp42\0\0\0\0mp42isom"), (b"free", b"\0" * 32), (b"moov", inner))
    return b"".join(struct.pack(">I", len(body) + 8) + name + body for name, body in boxes)


@pytest.mark.parametrize("version", [0, 1])
def test_the_length_of_a_film_is_read_from_the_film(version: int) -> None:
    assert seconds_of(io.BytesIO(film(2_705, version))) == 2_705


@pytest.mark.parametrize("broken", [b"", film(90)[:40], film(0), b"\0\0\0\1moov" + b"\xff" * 8, b"\0\0\0\7ftyp" * 4])
def test_a_film_without_length_is_refused(broken: bytes) -> None:
    with pytest.raises(Refused, match="读不出视频的时长"):
        seconds_of(io.BytesIO(broken))


def element(name: bytes, body: bytes, *, open_ended: bool = False) -> bytes:
    size = b"\x01" + b"\xff" * 7 if open_ended else struct.pack(">Q", len(body) | 1 << 56)
    return name + size + body


def webm(*, stated: float | None = None, last: int = 0, open_ended: bool = True, scale: int = 1_000_000) -> bytes:
    """A film as a browser records it: sizes left open, no length; or as one that was saved properly."""
    head = element(b"\x1a\x45\xdf\xa3", element(b"\x42\x82", b"webm"))
    said = element(b"\x2a\xd7\xb1", scale.to_bytes(4)) + (b"" if stated is None else element(b"\x44\x89", struct.pack(">d", stated)))
    blocks = b"".join(element(b"\xa3", b"\x81" + struct.pack(">h", place) + b"\x80picture") for place in (0, 40))
    group = element(b"\xa0", element(b"\xa1", b"\x81" + struct.pack(">h", 80) + b"\0picture"))
    clusters = b"".join(
        element(b"\x1f\x43\xb6\x75", element(b"\xe7", start.to_bytes(4)) + blocks + group, open_ended=open_ended) for start in (0, last)
    )
    return head + element(b"\x18\x53\x80\x67", element(b"\x15\x49\xa9\x66", said) + clusters, open_ended=open_ended)


@pytest.mark.parametrize("open_ended", [True, False])
def test_the_length_of_a_film_from_a_browser_is_read_off_its_last_picture(open_ended: bool) -> None:
    assert seconds_of(io.BytesIO(webm(last=2_705_000, open_ended=open_ended))) == 2_705
    assert seconds_of(io.BytesIO(webm(stated=90_500.0, last=5_000, open_ended=open_ended))) == 90
    assert seconds_of(io.BytesIO(webm(last=40_000, scale=500_000, open_ended=open_ended))) == 20


@pytest.mark.parametrize("broken", [webm()[:40], webm(), webm(stated=float("nan")), webm()[:4] + b"\0" * 90, webm()[:4] + b"\xff" * 900])
def test_a_film_from_a_browser_without_length_is_refused(broken: bytes) -> None:
    with pytest.raises(Refused, match="读不出视频的时长"):
        seconds_of(io.BytesIO(broken))


def test_a_pdf_becomes_pictures_and_what_is_none_is_refused() -> None:
    pdf = typst.compile(b"#set page(width: 8cm, height: 5cm)\nOne\n#pagebreak()\nTwo")
    made = pictures_of(bytes(pdf))
    assert [picture[:4] for picture in made] == [b"\x89PNG", b"\x89PNG"]
    with pytest.raises(Refused, match="打不开"):
        pictures_of(b"%PDF-1.7 broken")


def test_a_trainee_studies_on_the_page_and_it_counts(jiyuan: SimpleNamespace, client: Client) -> None:
    world = studied(jiyuan)
    trainee(client, world, jiyuan)
    assert world.lesson.title in page(client, "own")
    text = page(client, "study", world.row.uid, world.lesson.uid)
    assert f'data-beat="{reverse("learning:beat", args=[world.progress.pk])}"' in text
    said = {"tab": "a", "position": 0, "visible": True, "touched": True}
    assert send(client, "beat", world.progress.pk, **said) == (
        200,
        {"earned": 0, "furthest": 0, "why": "", "words": "", "go_to": None, "done": False, "checkpoint": None},
    )
    status, heard = send(client, "beat", world.progress.pk, **{**said, "position": 50_000})
    assert (status, heard["why"], heard["go_to"], heard["earned"]) == (200, "jump", 0.0, 0)
    for broken in ({}, {"tab": "a"}, {**said, "position": "x"}, {**said, "position": float("inf")}):
        assert send(client, "beat", world.progress.pk, **broken)[0] == 400
    assert world.lesson.title in page(client, "record", world.row.uid)
    TrainingClass.objects.update(state="finished")
    assert send(client, "beat", world.progress.pk, **said)[0] == 409
    assert "不再计学时" in page(client, "study", world.row.uid, world.lesson.uid)


def test_a_text_is_never_markup(jiyuan: SimpleNamespace, client: Client) -> None:
    world = studied(jiyuan)
    Lesson.objects.update(text='# 标题 <b>\n- 项目\n<script>alert(1)</script>\n<img src=x onerror="alert(1)">')
    text = page(trainee(client, world, jiyuan), "study", world.row.uid, world.lesson.uid)
    assert "<h2>标题 &lt;b&gt;</h2>" in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert "<img src=x" not in text


def test_a_question_on_the_way_shows_no_right_answer(jiyuan: SimpleNamespace, client: Client) -> None:
    world = studied(jiyuan)
    Progress.objects.all().delete()
    point = authoring.add_checkpoint(world.lesson, a_question(), by=COMMAND_LINE, second=1)
    trainee(client, world, jiyuan)
    page(client, "study", world.row.uid, world.lesson.uid)
    progress = Progress.objects.get()
    Progress.objects.update(furthest_ms=1_000)
    _, heard = send(client, "beat", progress.pk, tab="a", position=1_000, visible=True, touched=True)
    assert set(heard["checkpoint"]) == {"url", "stem", "many", "options"}
    assert heard["checkpoint"]["options"][0] == ["A", "一个月内"]
    wrong, right = (client.post(heard["checkpoint"]["url"], {"answer": letter}).json() for letter in "BA")
    assert (wrong["right"], right["right"]) == (False, True)
    assert point.question.right == "A"


def test_nobody_studies_for_somebody_else_or_what_the_class_does_not_plan(jiyuan: SimpleNamespace, client: Client) -> None:
    world = studied(jiyuan, people=2)
    other = a_lesson(world.made.course.topics.first(), jiyuan.county)
    client.force_login(an_account("other", "trainee", area=jiyuan.county, person=world.rows[1].person))
    page(client, "study", world.row.uid, world.lesson.uid, status=404)
    page(client, "record", world.row.uid, status=404)
    page(client, "study", world.rows[1].uid, other.uid, status=404)
    assert client.post(reverse("learning:beat", args=[world.progress.pk]), "{}", content_type="application/json").status_code == 400
    said = {"tab": "a", "position": 0, "visible": True, "touched": True}
    answer = client.post(reverse("learning:beat", args=[world.progress.pk]), json.dumps(said), content_type="application/json")
    assert answer.status_code == 404


def test_lessons_are_made_of_films_and_pages_and_served_to_trainees_alone(jiyuan: SimpleNamespace, client: Client) -> None:
    world = studied(jiyuan)
    officer = an_account("officer", "officer", area=jiyuan.county)
    client.force_login(officer)
    topic = world.made.course.topics.first()
    known = {"topic": topic.pk, "minutes": 2, "text": ""}
    pdf = bytes(typst.compile(b"One"))
    files = {"video": SimpleUploadedFile("课.mp4", film(125)), "pages": SimpleUploadedFile("课.pdf", pdf)}
    for kind, file in files.items():
        assert client.post(reverse("learning:lesson-new"), {**known, "title": kind, "kind": kind, "upload": file}).status_code == 302
    too_long = {**known, "minutes": 9, "title": "长", "kind": "video", "upload": SimpleUploadedFile("课.mp4", film(125))}
    assert "视频只有 2 分 5 秒" in client.post(reverse("learning:lesson-new"), too_long).content.decode()
    video, pages = (Lesson.objects.get(title=kind) for kind in files)
    assert (video.seconds, pages.seconds, pages.pages.count()) == (125, 120, 1)
    addresses = (reverse("learning:film", args=[video.uid]), reverse("learning:page", args=[pages.uid, 1]))
    trainee(client, world, jiyuan)
    assert [client.get(address).status_code for address in addresses] == [404, 404]
    for lesson in (video, pages):
        authoring.plan_for_class(lesson, world.made, by=COMMAND_LINE)
    answers: list[Any] = [client.get(address, headers={"Range": "bytes=0-9"}) for address in addresses]
    assert [(answer.status_code, answer["Content-Type"]) for answer in answers] == [(206, "video/mp4"), (200, "image/png")]
    assert b"".join(answers[0].streaming_content) == film(125)[:10]
    b"".join(answers[1].streaming_content)


def test_the_provider_plans_lessons_and_sees_how_its_class_stands(jiyuan: SimpleNamespace, client: Client) -> None:
    world = studied(jiyuan)
    lesson = a_lesson(world.made.course.topics.first(), jiyuan.county, minutes=45)
    client.force_login(an_account("school", "training_provider", organisation=world.made.provider.organisation_id))
    assert client.post(reverse("learning:plan", args=[world.made.uid]), {"lesson": lesson.pk}).status_code == 302
    text = page(client, "class", world.made.uid)
    assert (lesson.title in text, world.row.person.name in text, "0 / 1" in text) == (True, True, True)
    assert "合 1 学时" in page(client, "of-class", world.made.uid)
    page(client, "questions", status=403)
    counts = []
    for people in (1, 3):
        with CaptureQueriesContext(connection) as queries:
            page(client, "class", world.made.uid)
        counts.append(len(queries))
        if people == 1:
            Enrolment.objects.bulk_create(
                Enrolment(training_class=world.made, person=a_person(jiyuan.county), state="admitted", serial=90 + number)
                for number in range(2)
            )
    assert counts[0] == counts[1]


def test_a_provider_mends_its_lesson_and_lessons_follow_a_merge(jiyuan: SimpleNamespace, client: Client) -> None:
    world = studied(jiyuan)
    keep, drop = a_provider(jiyuan.county), world.made.provider
    lesson = a_lesson(world.made.course.topics.first(), jiyuan.county, provider=drop)
    client.force_login(an_account("school", "training_provider", organisation=drop.organisation_id))
    said = {"title": "改了的课名", "text": "改了的正文"}
    assert client.post(reverse("learning:lesson-edit", args=[lesson.uid]), said).status_code == 302
    assert "改了的正文" in page(client, "lesson", lesson.uid)
    page(client, "lesson-edit", world.lesson.uid, status=403)
    for path in settings.ORGANISATION_MERGES[:2]:
        import_string(path)(keep.organisation, drop.organisation, by=COMMAND_LINE)
    lesson.refresh_from_db()
    assert (lesson.provider, Provider.objects.count()) == (keep, 1)


def test_an_examination_from_blueprint_to_result(jiyuan: SimpleNamespace, client: Client) -> None:
    client.force_login(an_account("officer", "officer", area=jiyuan.county))
    for _ in range(4):
        a_question(use=False)
    assert client.post(reverse("learning:questions-use"), {"all": "1"}).status_code == 302
    said = {"title": "第一次模拟", "level": 4, "minutes": 30, "pass_percent": 60, "attempts": 0, "closes_on": "", "training_class": ""}
    assert client.post(reverse("learning:exam-new"), said).status_code == 302
    exam = Exam.objects.get()
    line = {"kind": "single", "function": "", "difficulty": "", "count": 4, "points": 5}
    assert client.post(reverse("learning:line-new", args=[exam.uid]), line).status_code == 302
    client.post(reverse("learning:exam-move", args=[exam.uid, "open"]), {"seed": "20261123"})
    assert "20261123" in page(client, "exam", exam.uid)
    person = a_person(jiyuan.kejing)
    client.force_login(an_account("trainee", "trainee", area=jiyuan.county, person=person))
    assert "第一次模拟" in page(client, "own")
    client.post(reverse("learning:start", args=[exam.uid]))
    attempt = Attempt.objects.get()
    text = page(client, "attempt", attempt.uid)
    assert ("应在一个月内" in text, "正确" in text, 'name="answer-4"' in text) == (False, False, True)
    page(client, "check", attempt.uid, status=409)
    assert send(client, "save", attempt.uid, answers={"1": ["A", 5], "2": ["C", 6]})[1]["kept"] == {"1": "A", "2": "C", "3": "", "4": ""}
    for broken in ({}, {"answers": {"1": "A"}}, {"answers": []}):
        assert send(client, "save", attempt.uid, **broken)[0] == 400
    client.post(reverse("learning:submit", args=[attempt.uid]), {"answer-2": "A", "answer-3": "A"})
    client.post(reverse("learning:submit", args=[attempt.uid]), {"answer-4": "A"})
    attempt.refresh_from_db()
    assert (attempt.points, attempt.passed) == (15, True)
    text = page(client, "attempt", attempt.uid)
    assert ("应在一个月内" in text, "没答" in text, "劳动合同法第十条" in text) == (True, True, True)
    assert "完全一致" in page(client, "check", attempt.uid)
    assert "答错过 1 次" in page(client, "practice")
    wrong = Question.objects.get(pk=attempt.items.get(position=4).question_id)
    assert wrong.stem in page(client, "practice")
    client.force_login(an_account("other", "trainee", area=jiyuan.county, person=a_person(jiyuan.kejing)))
    for name in ("attempt", "check"):
        page(client, name, attempt.uid, status=404)


def test_question_pages_show_figures_and_make_versions(jiyuan: SimpleNamespace, client: Client) -> None:
    exam = an_exam(jiyuan.county, singles=1, multiples=1)
    attempt = sitting.start(exam, a_person(jiyuan.kejing), by=COMMAND_LINE)
    sitting.submit(attempt, by=COMMAND_LINE)
    client.force_login(an_account("officer", "officer", area=jiyuan.county))
    question = Question.objects.get(kind="single")
    text = page(client, "question", question.uid)
    assert ("人次太少，只供参考" in text, "0.00" in text) == (True, True)
    form = client.get(reverse("learning:question-edit", args=[question.uid]))
    said = form.context["form"].initial | {"stem": "改了的题干？", "seen": form.context["seen"]}
    assert client.post(reverse("learning:question-edit", args=[question.uid]), said).status_code == 302
    assert Question.objects.get(stem="改了的题干？").version == 2
    case = banking.write_question(banking.Facts("case", "contracts", "4", 1, "材料"), by=COMMAND_LINE)
    part = {"kind": "judge", "function": "contracts", "levels": ["4"], "difficulty": 2, "stem": "对吗？", "options": "", "right": "错"}
    assert client.post(reverse("learning:part-new", args=[case.uid]), part).status_code == 302
    assert case.parts.get().right == "B"
    assert "对吗？" in page(client, "question", case.uid)
    assert "改了的题干" in page(client, "questions", q="改了的")
    assert f"T{question.number:04d}-2" in page(client, "questions", q=f"T{question.number:04d}")


def test_feedback_from_the_trainees_page_to_the_providers(jiyuan: SimpleNamespace, client: Client) -> None:
    world = over(jiyuan, people=5)
    marks = {"content": 5, "teaching": 4, "practice": 3, "arrangement": 4, "overall": 5}
    for number, row in enumerate(world.rows):
        client.force_login(an_account(f"t{number}", "trainee", area=jiyuan.county, person=row.person))
        assert "评价这个班" in page(client, "own")
        assert client.post(reverse("learning:feedback-give", args=[row.uid]), marks | {"words": "<b>好</b>"}).status_code == 302
        assert client.get(reverse("learning:feedback-give", args=[row.uid])).status_code == 302
        if number == 3:
            provider = Client()
            provider.force_login(an_account("school", "training_provider", organisation=world.made.provider.organisation_id))
            assert "收到 4 份，满 5 份才显示" in page(provider, "feedback", world.made.uid)
    text = page(provider, "feedback", world.made.uid)
    assert ("&lt;b&gt;好" in text, "5.0" in text, world.rows[0].person.name in text) == (True, True, False)
    assert ("收到 5 份，计入 5 份" in text, "再收到 5 份时更新" in text) == (True, True)
