"""Visits on the spot: filling on two telephones, signatures, the body's person, photos without metadata, findings that follow."""

import io
from datetime import timedelta
from types import SimpleNamespace
from uuid import uuid4

from django.core.files.base import ContentFile
from django.utils import timezone

from tongxing.audit.log import COMMAND_LINE
from tongxing.evaluation.tests.world import refused_code
from tongxing.files.tests.test_images import a_jpeg
from tongxing.notices.models import Notice
from tongxing.policy.amending import add_version
from tongxing.supervision import photographs, visiting
from tongxing.supervision.models import Finding, Visit, VisitItem
from tongxing.supervision.visiting import Fill

from .world import a_body, a_scene, a_visit, agent_of, an_inspector, begun, done, filled, fresh, signed, today


def test_photos_are_kept_once_sealed_and_only_while_one_is_there(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    scene = a_scene(jiyuan.county, bodies=1)
    visit = begun(scene.bodies[0], scene.inspectors[:2])
    mine, client = scene.inspectors[0].user, uuid4()
    first = photographs.attach(visit, by=mine, upload=ContentFile(a_jpeg(), name="IMG.jpg"), client=client)
    assert photographs.attach(visit, by=mine, upload=ContentFile(a_jpeg(), name="IMG.jpg"), client=client) == first
    stored = photographs.open_photo(first, by=fresh(scene.inspectors[1].user))
    with stored.open() as file:
        assert b"GPS" not in file.read()
    assert stored.opens_with == "supervision.plans"
    assert refused_code(lambda: photographs.open_photo(first, by=cast.other)) == "not_allowed"
    upload = ContentFile(b"%PDF-1.4", name="a.jpg")
    assert refused_code(lambda: photographs.attach(visit, by=mine, upload=upload, client=uuid4())) == "picture_kind"
    stranger = an_inspector(jiyuan.county).user
    assert refused_code(lambda: photographs.attach(visit, by=stranger, upload=upload, client=uuid4())) == "not_allowed"
    big = ContentFile(io.BytesIO(b"\0").getvalue() * (photographs.MOST_BYTES + 1), name="a.jpg")
    assert refused_code(lambda: photographs.attach(visit, by=mine, upload=big, client=uuid4())) == "file_too_large"


def test_a_visit_is_filled_signed_by_both_and_by_the_body(jiyuan: SimpleNamespace) -> None:
    scene = a_scene(jiyuan.county, bodies=1)
    body, (first, second, _) = scene.bodies[0], scene.inspectors
    visit = begun(body, [first, second])
    assert refused_code(lambda: visiting.sign(visit, by=first.user)) == "items_open"
    filled(visit, unfit=2)
    visiting.sign(visit, by=first.user)
    assert refused_code(lambda: visiting.sign(visit, by=first.user)) == "signed"
    facts = {"name": "赵主任", "post": "办公室主任"}
    assert refused_code(lambda: visiting.countersign(visit, by=first.user, **facts)) == "wrong_state"
    visiting.sign(visit, by=second.user, summary="总体规范")
    agent = agent_of(body)
    assert refused_code(lambda: visiting.countersign(visit, by=agent, **facts, refused=True)) == "reason_missing"
    visit = visiting.countersign(visit, by=agent, **facts, words="属实")
    assert (visit.state, visit.present_by, visit.summary) == ("done", "本人账号", "总体规范")
    findings = Finding.objects.filter(visit=visit)
    assert [row.raised_by for row in findings] == [f"{first.user.name}、{second.user.name}"] * 2, "not the agent, who pressed last"
    assert Notice.objects.filter(user=agent, due_on=findings[0].due_on).count() == 2


def test_a_refused_signature_is_written_down_and_the_visit_is_over(jiyuan: SimpleNamespace) -> None:
    scene = a_scene(jiyuan.county, bodies=1)
    visit = signed(filled(begun(scene.bodies[0], scene.inspectors[:2]), unfit=0))
    facts = {"name": "赵主任", "post": "主任", "refused": True, "words": "不认可第三项，拒签"}
    visit = visiting.countersign(visit, by=scene.inspectors[0].user, **facts)
    assert (visit.state, visit.present_refused, visit.present_by[:5]) == ("done", True, "督导员登记")
    assert not Finding.objects.exists()


def test_going_back_takes_the_signatures_away(jiyuan: SimpleNamespace) -> None:
    scene = a_scene(jiyuan.county, bodies=1)
    visit = signed(filled(begun(scene.bodies[0], scene.inspectors[:2])))
    visit = visiting.reopen(visit, by=scene.inspectors[1].user, reason="第二项填错")
    assert (visit.state, visit.inspectors.filter(signed_at=None).count()) == ("begun", 2)


def test_of_two_telephones_the_later_press_holds(jiyuan: SimpleNamespace) -> None:
    scene = a_scene(jiyuan.county, bodies=1)
    visit, now = begun(scene.bodies[0], scene.inspectors[:2]), timezone.now()
    key = visit.items.all()[0].key
    first, second = (one.user for one in scene.inspectors[:2])
    visiting.fill(visit, [Fill(key, "fit", "", now)], by=first)
    refused = visiting.fill(visit, [Fill(key, "unfit", "旧的", now - timedelta(minutes=5)), Fill("没有.9", "fit", "", now)], by=second)
    assert ("以后填的为准" in refused[key], "没有这一项" in refused["没有.9"]) == (True, True)
    visiting.fill(visit, [Fill(key, "unfit", "电话 13800138000", now + timedelta(seconds=1))], by=second)
    item = VisitItem.objects.get(visit=visit, key=key)
    assert (item.verdict, "13800138000" in item.note) == ("unfit", False)


def test_only_those_sent_fill_and_only_in_its_days(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    scene = a_scene(jiyuan.county, bodies=1)
    visit = a_visit(scene.bodies[0], scene.inspectors[:2], due_from=today() + timedelta(days=2))
    assert refused_code(lambda: visiting.begin(visit, by=scene.inspectors[0].user)) == "too_early"
    assert refused_code(lambda: visiting.begin(visit, by=scene.inspectors[2].user)) == "not_allowed"
    assert refused_code(lambda: visiting.begin(visit, by=cast.officer)) == "not_allowed"


def test_a_later_checklist_changes_no_visit_that_was_made(jiyuan: SimpleNamespace) -> None:
    scene = a_scene(jiyuan.county, bodies=1)
    before = a_visit(scene.bodies[0], scene.inspectors[:2])
    key, source = "supervision.checklist.site.watch", "试人社督〔2026〕2号"
    add_version(key, ["监考人数够", "没有替考"], valid_from=today(), source=source, by=COMMAND_LINE)
    after = a_visit(scene.bodies[0], scene.inspectors[:2])
    lines = [list(visit.items.filter(section="监考").values_list("text", "source", "confirmed")) for visit in (before, after)]
    assert (len(lines[0]), lines[0][0][2]) == (3, False)
    assert lines[1] == [("监考人数够", source, True), ("没有替考", source, True)]


def test_nobody_is_warned_of_a_visit(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    scene = a_scene(jiyuan.county, bodies=1)
    agent = agent_of(scene.bodies[0])
    visit = filled(begun(scene.bodies[0], scene.inspectors[:2]))
    seen = {name: Visit.objects.visible_to(user).exists() for name, user in (("agent", agent), ("third", scene.inspectors[2].user))}
    assert seen == {"agent": False, "third": False}
    assert Visit.objects.visible_to(fresh(scene.inspectors[0].user)).exists()
    assert Visit.objects.visible_to(cast.officer).exists()
    signed(visit)
    assert Visit.objects.visible_to(fresh(agent)).exists()
    assert not Visit.objects.visible_to(cast.other).exists()


def test_a_visit_outside_the_draw_says_why_and_takes_two(jiyuan: SimpleNamespace) -> None:
    scene = a_scene(jiyuan.county, bodies=1)
    assert refused_code(lambda: a_visit(scene.bodies[0], scene.inspectors[:1])) == "too_few"
    assert refused_code(lambda: a_visit(scene.bodies[0], scene.inspectors[:2], reason="")) == "reason_missing"
    elsewhere = an_inspector(jiyuan.other)
    assert refused_code(lambda: a_visit(scene.bodies[0], [scene.inspectors[0], elsewhere])) == "elsewhere"
    visit = a_visit(scene.bodies[0], scene.inspectors[:2])
    assert (visit.draw_id, visiting.cancel_visit(visit, by=COMMAND_LINE, reason="已撤诉").state) == (None, "cancelled")
    over = done(a_body(jiyuan.county), scene.inspectors[:2])
    assert refused_code(lambda: visiting.cancel_visit(over, by=COMMAND_LINE, reason="不查了")) == "wrong_state"
