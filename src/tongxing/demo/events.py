"""What happened in the demonstration: gaps worked on, an exemption, confirmations, checks at the national site, a conduct record, a message.

Everything goes through the same acts that officers use, so that the demonstration shows real history.
"""

from datetime import date, timedelta
from random import Random

from tongxing.accounts.models import User
from tongxing.certificates.models import Certificate
from tongxing.certificates.register import record_national_check
from tongxing.registry.conduct import add_conduct
from tongxing.registry.confirmation import confirm_person
from tongxing.registry.models import Organisation, Person
from tongxing.registry.people import register_person
from tongxing.targets import chasing, daily, exempting
from tongxing.targets.gaps import sync_gaps
from tongxing.targets.models import Gap, Target
from tongxing.targets.units import unit

from . import evaluations, rosters

WORDS = (
    ("phone", "已说明要求，对方答应报送人选", "等报送登记表"),
    ("visit", "走访时已见到人事主管，正在物色人选", "下周再联系"),
    ("phone", "对方说明年再办，已讲清文件要求", "请镇街一起上门"),
    ("message", "已发名册模板", "催收名册"),
)


def build(random: Random, users: list[User], today: date) -> None:
    """Play the last weeks: officer and township officer at work."""
    cast = {user.username: user for user in users}
    officer = cast["demo-officer"]
    rosters.load(officer)
    _twins(officer)
    daily.run(today)
    _chase(random, officer, cast["demo-township"], today)
    _exempt(cast["demo-township"], officer, today)
    for person in Person.objects.filter(coordinator__status="active")[:120]:
        confirm_person(person, by=officer, year=today.year)
    for certificate in Certificate.objects.filter(status="valid")[:90]:
        found = random.random() > 0.05
        remark = "" if found else "官网查不到，已请评价机构核实"
        record_national_check(
            certificate,
            checked_on=max(certificate.issued_on, today - timedelta(days=random.randint(1, 200))),
            found=found,
            remark=remark,
            by=officer,
        )
    _conduct(officer, today)
    evaluations.build(random, users, today)
    sync_gaps()


def _twins(officer: User) -> None:
    """Somebody entered a second time without the identity document: for the list of possible doubles."""
    known = Person.objects.filter(coordinator__status="active").order_by("id")[7]
    register_person(
        name=known.name, id_type="passport", id_number="DEMO00001", sex=known.sex, born_on=known.born_on, area=known.area, by=officer
    )


def _chase(random: Random, officer: User, township: User, today: date) -> None:
    near = list(Gap.objects.filter(closed_on=None, area_code=419001100000).values_list("pk", flat=True))
    if near:
        chasing.assign_owner(near, township, by=officer, due_on=today + timedelta(days=20))
    rest = list(Gap.objects.filter(closed_on=None).exclude(pk__in=near)[:60])
    if rest:
        chasing.assign_owner([gap.pk for gap in rest[:40]], officer, by=officer, due_on=today + timedelta(days=30))
    for gap in rest[:25]:
        means, result, following = random.choice(WORDS)
        chasing.record_contact(
            gap,
            means=means,
            result=result,
            by=officer,
            happened_on=today - timedelta(days=random.randint(1, 30)),
            next_step=following,
            next_step_on=today + timedelta(days=random.randint(-4, 12)),
        )


def _exempt(asker: User, decider: User, today: date) -> None:
    """One exemption granted, one waiting."""
    target = Target.objects.get(key="enterprises")
    gaps = Gap.objects.filter(closed_on=None, target_key=target.key, area_code=419001100000)[:2]
    reasons = ("企业已停产，正在清算", "与母公司合署办公，由母公司协调员负责")
    for number, (gap, reason) in enumerate(zip(gaps, reasons, strict=False)):
        found = unit(target, gap.unit_kind, gap.unit_id)
        if found is None:
            continue
        asked = exempting.request_exemption(target, found, reason=reason, until=today + timedelta(days=180), by=asker)
        if number == 0:
            exempting.approve_exemption(asked, by=decider, note="情况属实")


def _conduct(officer: User, today: date) -> None:
    for organisation in Organisation.objects.filter(kind="hr_agency")[:1]:
        add_conduct(
            organisation,
            kind="other",
            happened_on=today - timedelta(days=400),
            source="劳动保障监察大队（演示）",
            document="演监罚〔2025〕1号",
            summary="未按规定公示服务项目，已改正",
            by=officer,
        )
