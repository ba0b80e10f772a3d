"""The joins of the pre-audit: what each saw about which claim. All of it is a constant number of queries for any number of claims."""

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from django.db.models import Q
from django.utils import timezone

from tongxing.certificates.models import NationalCheck
from tongxing.evaluation.presence import at_examinations
from tongxing.registry.models import Person, Posting
from tongxing.registry.models.coordinators import holds_on
from tongxing.registry.models.organisations import OrganisationKind
from tongxing.training.presence import doubled, presences

from .eligibility import decide
from .judging import earlier_claims, facts_of
from .models import Claim, ClaimKind, FindingKind, Listed
from .schemes import scheme_on

PUBLIC_HOSTS = (OrganisationKind.TRIPARTITE, OrganisationKind.GRASSROOTS)
"""Hosts whose staff is usually paid from the public budget."""
NAMED = 5
Key = tuple[int, str, str]


class Seen(NamedTuple):
    """What one join saw about one claim."""

    claim_id: int
    kind: FindingKind
    reference: str
    text: str
    final: bool = False

    @property
    def key(self) -> Key:
        return self.claim_id, self.kind, self.reference


def everything(claims: Sequence[Claim]) -> list[Seen]:
    """All that the joins see."""
    return [
        *_by_rule(claims),
        *_by_lists(claims),
        *_by_account(claims),
        *_by_national_check(claims),
        *_by_host(claims),
        *_by_name(claims),
        *_by_presence(claims),
    ]


def _by_rule(claims: Sequence[Claim]) -> list[Seen]:
    """The decision as it is today: a certificate voided since, another claim paid since."""
    earlier = earlier_claims((claim.person_id for claim in claims), but=[claim.pk for claim in claims])
    asked = {(claim.kind, claim.claimed_on) for claim in claims}
    schemes = {key: scheme_on(*key) for key in asked}
    found = []
    for claim in claims:
        answer = decide(facts_of(claim, earlier[claim.person_id]), schemes[claim.kind, claim.claimed_on])
        if not answer.decision:
            found.append(Seen(claim.pk, FindingKind.NOT_ENTITLED, "rule", "".join(answer.decision.reasons), final=True))
        elif answer.amount != claim.amount:
            text = f"按现在的事实应补贴 {answer.amount:,.2f} 元，与申请的 {claim.amount:,.2f} 元不同。请退回补正。"
            found.append(Seen(claim.pk, FindingKind.NOT_ENTITLED, "amount", text, final=True))
    return found


def _by_lists(claims: Sequence[Claim]) -> list[Seen]:
    """Who stands on an uploaded list: paid elsewhere, on the public payroll, pensioned, deceased, a student."""
    indexes = {claim.pk: claim.person.id_index for claim in claims if claim.person.id_index}
    by_index: dict[str, list[Listed]] = defaultdict(list)
    rows = Listed.objects.filter(id_index__in=set(indexes.values()), comparison__retired_on=None)
    for row in rows.select_related("comparison"):
        by_index[row.id_index].append(row)
    found = []
    for claim in claims:
        for row in by_index.get(indexes.get(claim.pk, ""), []):
            other = f"，名单上的姓名是“{row.name}”" if row.name != claim.person.name else ""
            detail = f"（{row.detail}）" if row.detail else ""
            found.append(Seen(claim.pk, FindingKind.LISTED, f"list:{row.comparison_id}", f"在{row.comparison}中{detail}{other}。"))
    return found


def _by_account(claims: Sequence[Claim]) -> list[Seen]:
    """One account that takes the money of different payees."""
    others: dict[str, dict[tuple[int | None, int | None], list[str]]] = defaultdict(lambda: defaultdict(list))
    rows = Claim.objects.standing().filter(account_index__in={claim.account_index for claim in claims})
    for index, person, organisation, serial in rows.values_list("account_index", "payee_person_id", "payee_organisation_id", "serial"):
        others[index][person, organisation].append(serial)
    found = []
    for claim in claims:
        mine = (claim.payee_person_id, claim.payee_organisation_id)
        serials = [serial for payee, held in others[claim.account_index].items() if payee != mine for serial in held]
        if serials:
            named = "、".join(serials[:NAMED]) + (f" 等 {len(serials)} 笔" if len(serials) > NAMED else "")
            text = f"收款账号 {claim.account_masked} 也用于其他收款人的申请：{named}。"
            found.append(Seen(claim.pk, FindingKind.ACCOUNT, "account", text))
    return found


def _by_national_check(claims: Sequence[Claim]) -> list[Seen]:
    """The last look at the national site did not find the certificate."""
    last: dict[int, NationalCheck] = {}
    for check in NationalCheck.objects.filter(certificate_id__in={claim.certificate_id for claim in claims}).order_by("checked_on", "id"):
        last[check.certificate_id] = check
    found = []
    for claim in claims:
        latest = last.get(claim.certificate_id)
        if latest and not latest.found:
            text = f"{latest.checked_on} 在全国网站没有查到证书或内容不一致：{latest.remark}"
            found.append(Seen(claim.pk, FindingKind.NATIONAL, f"check:{latest.pk}", text))
    return found


def _by_host(claims: Sequence[Claim]) -> list[Seen]:
    """Somebody who sits in an office that the budget pays, and says not to be paid by it."""
    today = timezone.localdate()
    hosts: dict[int, str] = {}
    rows = Posting.objects.filter(
        holds_on(today), organisation__kind__in=PUBLIC_HOSTS, coordinator__person_id__in={claim.person_id for claim in claims}
    )
    hosts.update(rows.values_list("coordinator__person_id", "organisation__name"))
    return [
        Seen(claim.pk, FindingKind.PAYROLL_HOST, "host", f"现任职于“{hosts[claim.person_id]}”，请核实是否财政供养人员。")
        for claim in claims
        if claim.person_id in hosts and not claim.on_payroll
    ]


def _by_name(claims: Sequence[Claim]) -> list[Seen]:
    """Another record with the same name and day of birth that claims the same: one person under two numbers."""
    names = {(claim.person.name, claim.person.born_on) for claim in claims if claim.person.born_on}
    if not names:
        return []
    twins: dict[tuple[str, object], list[int]] = defaultdict(list)
    people = Person.objects.standing().filter(Q(name__in={name for name, _ in names}) & Q(born_on__in={born for _, born in names}))
    for pk, name, born in people.values_list("pk", "name", "born_on"):
        twins[name, born].append(pk)
    suspects = {pk for pair in names for pk in twins[pair]}
    claimed: dict[tuple[int, str, int], str] = {
        (person, kind, level): serial
        for person, kind, level, serial in Claim.objects.standing()
        .filter(person_id__in=suspects)
        .values_list("person_id", "kind", "level", "serial")
    }
    found = []
    for claim in claims:
        for other in twins.get((claim.person.name, claim.person.born_on), []):
            serial = claimed.get((other, claim.kind, claim.level))
            if other != claim.person_id and serial:
                text = f"姓名、出生日期相同的另一条人员记录已申请同一等级（{serial}），请核实是否同一人。"
                found.append(Seen(claim.pk, FindingKind.SAME_PERSON, f"person:{other}", text))
    return found


def _by_presence(claims: Sequence[Claim]) -> list[Seen]:
    """Training that is paid for, and a person in two places at one time: in two classes, or at an examination on a day of class."""
    people = {claim.person_id for claim in claims if claim.kind == ClaimKind.TRAINING}
    attended, examined = presences(people), at_examinations(people)
    found = []
    for claim in claims:
        sessions = attended.get(claim.person_id, []) if claim.kind == ClaimKind.TRAINING else []
        days = {one.on: one for one in sessions}
        texts = [f"同一时间在两处到课：{first}；{second}" for first, second in doubled(sessions)]
        texts += [f"{day} {what}，同日又到课：{days[day]}" for day, what in examined.get(claim.person_id, []) if day in days]
        if texts:
            more = f"；等 {len(texts)} 处" if len(texts) > NAMED else ""
            found.append(Seen(claim.pk, FindingKind.OVERLAP, "presence", "；".join(texts[:NAMED]) + more + "。请核实考勤。"))
    return found
