"""The scene of supervision: two bodies with a batch each, inspectors, a plan at any stage, a visit, a finding."""

from datetime import date, timedelta
from itertools import count
from types import SimpleNamespace
from typing import Any

import time_machine
from django.utils import timezone

from tongxing.accounts.models import User
from tongxing.areas.models import Area
from tongxing.audit.log import COMMAND_LINE
from tongxing.evaluation.models import AssessmentBatch
from tongxing.evaluation.tests.world import SINCE, a_batch, a_filing, a_site, a_user
from tongxing.registry.models import Organisation
from tongxing.supervision import drawing, inspecting, planning, rectifying, sanctioning, visiting
from tongxing.supervision.models import Draw, Finding, Inspector, Plan, Sanction, Visit
from tongxing.supervision.visiting import Fill

_serial = count(1)
BEACON = "05 09 12 17 21 33 + 04"


def today() -> date:
    return timezone.localdate()


def later(days: int) -> Any:
    """The clock, so many days on."""
    return time_machine.travel(timezone.now() + timedelta(days=days), tick=True)


def an_inspector(area: Area, name: str = "", **facts: Any) -> Inspector:
    user = a_user(name or f"督导{next(_serial)}", "inspector", area=area)
    return inspecting.appoint(user, by=COMMAND_LINE, area=area, **{"since": SINCE, **facts})


def a_body(area: Area, sites: int = 1, **facts: Any) -> Organisation:
    """A body with batches at so many sites."""
    filing = a_filing(area, **facts)
    for _ in range(sites):
        a_batch(filing, site=a_site(filing.organisation))
    return filing.organisation


def facts_of(**facts: Any) -> dict[str, Any]:
    day = today()
    values: dict[str, Any] = {
        "title": "下半年考点抽查",
        "period_from": day - timedelta(days=30),
        "period_until": day + timedelta(days=60),
        "visit_from": day + timedelta(days=2),
        "visit_until": day + timedelta(days=20),
        "beacon_source": "双色球当期开奖号码",
        "beacon_on": day + timedelta(days=1),
        "number": 1,
        "takes_sites": True,
    }
    return values | facts


def a_plan(area: Area, **facts: Any) -> Plan:
    return planning.make_plan(area, by=COMMAND_LINE, **facts_of(**facts))


def announced(area: Area, **facts: Any) -> Draw:
    return planning.announce(a_plan(area, **facts), by=COMMAND_LINE)


def drawn(area: Area, **facts: Any) -> list[Visit]:
    plan = announced(area, **facts).plan
    with later(1):
        return drawing.draw(plan, by=COMMAND_LINE, beacon=BEACON)


def a_scene(area: Area, bodies: int = 2, inspectors: int = 3) -> SimpleNamespace:
    return SimpleNamespace(bodies=[a_body(area) for _ in range(bodies)], inspectors=[an_inspector(area) for _ in range(inspectors)])


def a_visit(body: Organisation, inspectors: list[Inspector], **facts: Any) -> Visit:
    """Outside the draw, begun today."""
    values = {"reason": "群众反映", "due_from": today(), "due_until": today() + timedelta(days=5), **facts}
    return visiting.add_visit(body, inspectors, by=COMMAND_LINE, **values)


def begun(body: Organisation, inspectors: list[Inspector]) -> Visit:
    visit = a_visit(body, inspectors)
    return visiting.begin(visit, by=inspectors[0].user)


def filled(visit: Visit, unfit: int = 1) -> Visit:
    """Every line said; the first `unfit` do not fit."""
    lines = [
        Fill(item.key, "unfit" if place < unfit else "fit", "签到表没有本人签名" if place < unfit else "", timezone.now())
        for place, item in enumerate(visit.items.all())
    ]
    who = visit.inspectors.select_related("inspector__user")[0].inspector.user
    assert visiting.fill(visit, lines, by=who) == {}
    return visit


def signed(visit: Visit) -> Visit:
    for sent in visit.inspectors.select_related("inspector__user"):
        visit = visiting.sign(visit, by=fresh(sent.inspector.user))
    return visit


def fresh(user: User) -> User:
    return User.objects.get(pk=user.pk)


def done(body: Organisation, inspectors: list[Inspector], unfit: int = 1) -> Visit:
    visit = signed(filled(begun(body, inspectors), unfit))
    return visiting.countersign(visit, by=inspectors[0].user, name="赵主任", post="办公室主任")


def a_finding(area: Area, body: Organisation | None = None) -> Finding:
    inspectors = [an_inspector(area) for _ in range(2)]
    return Finding.objects.get(visit=done(body or a_body(area), inspectors))


def agent_of(body: Organisation) -> User:
    return a_user("机构经办", "assessment_body", organisation=body)


def proposed(finding: Finding, by: Any = COMMAND_LINE, **facts: Any) -> Sanction:
    return sanctioning.propose([finding], by=by, **{"kind": "warning", "facts": "签到表没有本人签名", **facts})


def heard(sanction: Sanction) -> Sanction:
    """The body said nothing in its days."""
    sanction = sanctioning.notify(sanction, by=COMMAND_LINE)
    Sanction.objects.filter(pk=sanction.pk).update(answer_until=today() - timedelta(days=1))
    return sanctioning.waive(sanction, by=COMMAND_LINE)


def overdue(finding: Finding) -> Finding:
    Finding.objects.filter(pk=finding.pk).update(due_on=today() - timedelta(days=1))
    finding.refresh_from_db()
    return finding


def a_batch_of(body: Organisation) -> AssessmentBatch:
    return AssessmentBatch.objects.filter(filing__organisation=body)[0]


def answered(finding: Finding) -> Finding:
    return rectifying.answer(finding, by=agent_of(finding.organisation), text="已补签并重新培训监考人员")
