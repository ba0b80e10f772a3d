"""From gaps and seats into a training class."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.test import Client
from django.urls import reverse

from tongxing.audit.log import COMMAND_LINE
from tongxing.core.errors import Refused
from tongxing.registry.models import Organisation
from tongxing.targets.gaps import sync_gaps
from tongxing.targets.models import Gap
from tongxing.targets.recruiting import invite_for_gaps, invite_for_seats
from tongxing.targets.seats import seat_plan
from tongxing.training import classes
from tongxing.training.models import TrainingClass
from tongxing.training.tests.world import TODAY, a_class

from .world import coordinator, enterprise, posting

pytestmark = pytest.mark.usefixtures("shipped")
TITLES = {"enterprises": "大中型企业", "areas": "镇街和园区"}


def test_gaps_invite_their_units_and_keep_the_contact(jiyuan: SimpleNamespace) -> None:
    plant = enterprise(jiyuan.kejing, "large", "甲厂")
    office = Organisation.objects.create(name="克井镇人社所", name_key="克井镇人社所", kind="grassroots", area=jiyuan.kejing)
    sync_gaps()
    made = a_class(jiyuan.county)
    gaps = list(Gap.objects.standing().filter(area_code=jiyuan.kejing.code))
    gaps += Gap.objects.standing().filter(unit_kind="area", area_code=jiyuan.park.code)
    done = invite_for_gaps(made, gaps, TITLES, by=COMMAND_LINE)
    assert (done.organisations, done.unreachable) == (2, ["玉川片区"])
    assert {(row.organisation, row.why) for row in made.invitations.all()} == {(plant, "缺口：大中型企业"), (office, "缺口：镇街和园区")}
    gap = Gap.objects.get(unit_name="甲厂")
    assert (gap.state, gap.next_step, gap.next_step_on) == ("chased", "等单位报送参训人员", made.starts_on)
    assert [contact.result for contact in gap.contacts.all()] == [f"邀请派人参加培训：{made.title}"]
    assert invite_for_gaps(made, gaps, TITLES, by=COMMAND_LINE).known == 2


def test_the_seat_plan_asks_vacant_units_and_uncertified_people(jiyuan: SimpleNamespace) -> None:
    enterprise(jiyuan.kejing, "large", "甲厂")
    held = coordinator(jiyuan.kejing)
    posting(held, enterprise(jiyuan.kejing, "large", "乙厂"))
    made = a_class(jiyuan.county)
    lines = [line for line in seat_plan(jiyuan.county.code, 60) if line.unit.name in {"甲厂", "乙厂"}]
    done = invite_for_seats(made, lines, by=COMMAND_LINE)
    assert (done.organisations, done.people) == (1, 1)
    assert [row.person for row in made.enrolments.all()] == [held.person]
    assert [row.organisation.name for row in made.invitations.all()] == ["甲厂"]


def test_a_township_invites_into_announced_classes_of_its_county_for_its_own_gaps(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    enterprise(jiyuan.kejing, "large", "甲厂")
    enterprise(jiyuan.park, "large", "乙厂")
    sync_gaps()
    made = a_class(jiyuan.county)
    own = list(Gap.objects.standing().filter(unit_name="甲厂"))
    with pytest.raises(Refused, match="没有开放报名"):
        invite_for_gaps(made, own, TITLES, by=cast.township)
    classes.announce_class(made, by=COMMAND_LINE, open_for_all=True)
    assert invite_for_gaps(made, own, TITLES, by=cast.township).organisations == 1
    with pytest.raises(Refused, match="不在您管理范围"):
        invite_for_gaps(made, list(Gap.objects.filter(unit_name="乙厂")), TITLES, by=cast.township)


def test_the_pages_ask_for_the_class_and_send(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    enterprise(jiyuan.kejing, "large", "甲厂")
    sync_gaps()
    made = a_class(jiyuan.county)
    over = a_class(jiyuan.county, title="已过的班")
    TrainingClass.objects.filter(pk=over.pk).update(starts_on=TODAY, ends_on=TODAY + timedelta(days=9))
    officer = Client()
    officer.force_login(cast.officer)
    gap = Gap.objects.get(unit_name="甲厂")
    asked = officer.post(reverse("targets:gaps-invite"), {"ids": [gap.pk]}).content.decode()
    assert made.title in asked
    assert "已过的班" not in asked
    empty = officer.post(reverse("targets:gaps-invite"), {"picked": str(gap.pk)})
    assert empty.status_code == 422
    facts = {"picked": str(gap.pk), "training_class": str(made.uid)}
    page = officer.post(reverse("targets:gaps-invite"), facts, follow=True)
    assert "已邀请 1 家单位、0 人" in page.content.decode()
    address = f"{reverse('targets:seats-invite')}?area={jiyuan.county.code}&seats=5"
    ref = f"organisation-{gap.unit_id}"
    assert "甲厂" in officer.post(address, {"lines": [ref]}).content.decode()
    sent = officer.post(address, {"lines": [ref], "training_class": str(made.uid)}, follow=True)
    assert "1 个先前已邀请" in sent.content.decode()
