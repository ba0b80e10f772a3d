"""Nominations: the list over all years, one nomination with all that belongs to it, one's own, and the card of a person or organisation."""

from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from tongxing.accounts.requests import user_of
from tongxing.audit import history
from tongxing.audit.names import act_name
from tongxing.core.access import Allowed, Denied, requires
from tongxing.core.clauses import cited
from tongxing.core.listing import Column, Filter, ListPage
from tongxing.honours import dossier, keeping, nominated, nominating, opining, visiting
from tongxing.honours.conditions import DEEDS_OF_ORGANISATIONS, DEEDS_OF_PEOPLE, Answer
from tongxing.honours.models import OPEN, Award, Honour, Kind, Nomination, NominationState, Selection, Way
from tongxing.honours.nomination_forms import own_subjects
from tongxing.honours.rules import can_change, can_manage, insist
from tongxing.registry.models import Organisation, Person

from .nominees import nomination_of, open_selections, own_of, page

DEEDS = [(clause, f"{cited(clause)} {title}") for clause, title in (*DEEDS_OF_PEOPLE, *DEEDS_OF_ORGANISATIONS)]
DEEDS.insert(len(DEEDS_OF_PEOPLE), (keeping.AWARDED, f"{cited(keeping.AWARDED)} 获奖或获得称号"))


def _years(request: HttpRequest) -> list[tuple[Any, str]]:
    return [
        (one.pk, f"{one.year} 年 {one.area.short_name}") for one in Selection.objects.visible_to(user_of(request)).select_related("area")
    ]


def _by_deed(rows: Any, value: str, request: HttpRequest) -> Any:
    """As text, because SQLite cannot look into a list."""
    return rows.alias(claimed=Cast("deeds", TextField())).filter(claimed__contains=f'"{value}"')


def _answer(row: Nomination) -> Answer | None:
    return Answer(row.verdict["answer"]) if row.verdict else None


class NominationList(ListPage):
    key = "honours.nominations"
    title = "选树推荐"
    intro = "各年度推荐的协调员和社会组织。草稿只有填报人自己看得到。"
    permission = "honours.view"
    export_permission = "registry.export"
    search_hint = "推荐编号、姓名或单位"
    default_sort = "-created"
    empty = ("还没有推荐", "在年度选树里打开可推荐的名单，进资格页点“推荐”。", "honours:selections", "年度选树")
    actions = (("我的推荐", "honours:mine", "honours.nominate"),)
    columns = (
        Column("subject", "推荐对象", value=lambda n: n.subject.name, link=page, sort=("person__name", "organisation__name"), width=30),
        Column("number", "推荐编号", value=lambda n: n.number or None, sort="number"),
        Column("kind", "类别", value=lambda n: n.get_kind_display(), sort="kind", width=10),
        Column("way", "推荐方式", value=lambda n: n.get_way_display(), sort="way", width=10),
        Column("nominator", "推荐人", value=lambda n: n.nominator_name, default=False, width=24),
        Column(
            "state",
            "状态",
            value=lambda n: n.get_state_display(),
            tone=lambda n: NominationState(n.state).tone,
            sort="state",
            width=12,
        ),
        Column(
            "verdict",
            "提交时资格",
            value=lambda n: answer.label if (answer := _answer(n)) else None,
            tone=lambda n: answer.tone if (answer := _answer(n)) else "",
            width=12,
        ),
        Column("deeds", "业绩条件", value=lambda n: "、".join(cited(one) for one in n.deeds) or None, default=False, width=24),
        Column("front_line", "一线人员", value=lambda n: n.front_line, default=False, width=10),
        Column("area", "区划", value=lambda n: n.area.short_name, sort="area_id"),
        Column("year", "年度", value=lambda n: str(n.selection.year), sort="selection__year", width=8),
        Column("submitted", "提交时间", value=lambda n: n.submitted_at, sort="submitted_at"),
        Column("created", "填报时间", value=lambda n: n.created_at, sort="created_at", default=False),
    )
    filters = (
        Filter.choice("selection", "年度选树", _years, field="selection_id"),
        Filter.choice("kind", "类别", Kind.choices),
        Filter.choice("state", "状态", NominationState.choices),
        Filter.choice("way", "推荐方式", Way.choices),
        Filter.custom("deed", "业绩条件", DEEDS, apply=_by_deed),
        Filter.area("area", "区划"),
        Filter.days("submitted", "提交时间", field="submitted_at", quiet=True),
    )

    def rows(self, request: HttpRequest) -> "QuerySet[Any]":
        return Nomination.objects.visible_to(user_of(request)).select_related("person", "organisation", "area", "selection")

    def search(self, rows: "QuerySet[Any]", text: str, request: HttpRequest) -> "QuerySet[Any]":
        named = Q(person__name__icontains=text.strip()) | Q(organisation__name__icontains=text.strip())
        return rows.filter(named | Q(number__icontains=text.strip()))


@requires("desk.use")
@require_GET
def nomination(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Everything about one nomination. Whoever recommends it sees it as well as the offices."""
    row, user = nomination_of(request, uid), user_of(request)
    now, offered = keeping.asked(row), dossier.offers(row)
    needed, deeds = nominated.judged(row, now)
    opinions, visits = list(row.opinions.all()), list(row.visits.all())
    names = nominated.names_of([*(one.file_id for one in opinions), *(one.file_id for one in visits)])
    context = {
        "nomination": row,
        "subject": row.subject,
        "tone": NominationState(row.state).tone,
        "kept": keeping.read(row.verdict),
        "now": now,
        "needed": needed,
        "deeds": deeds,
        "changed": sum(one.now is not None for one in (*needed, *deeds)),
        "proofs": nominated.proofs(row, user, offered),
        "opinions": [(one, names.get(one.file_id or 0, "")) for one in opinions],
        "visits": [(one, names.get(one.file_id or 0, "")) for one in visits],
        "todo": nominated.todo(row, user, now),
        "history": [(entry, act_name(entry.act)) for entry in history.of(row)],
        **_may(request, row),
    }
    return render(request, "honours/nomination.html", context)


def _may(request: HttpRequest, row: Nomination) -> dict[str, bool]:
    """What this user can do with it now: the buttons of the page."""
    user = user_of(request)
    manages = user.may("honours.manage") and bool(can_manage(user, row.selection.area_id))
    changes = user.may("honours.nominate") and bool(can_change(user, row))
    early = row.selection.state == "running" and row.selection.stage in nominating.BEFORE_REVIEW
    submitted, accepted = row.state == NominationState.SUBMITTED, row.state == NominationState.ACCEPTED
    withdrawable = submitted or accepted or row.state in {*OPEN, NominationState.CHOSEN}
    return {
        "may_view": user.may("honours.view"),
        "may_change": changes and row.state in OPEN,
        "may_submit": changes and row.state in OPEN and nominating.in_time(row.selection, row, user),
        "may_opine": changes and opining.may_opine(user, row),
        "may_visit": manages and row.state in visiting.VISITED,
        "may_decide": manages and early and submitted,
        "may_refuse": manages and submitted,
        "may_return": manages and early and (submitted or accepted),
        "may_withdraw": (changes and nominating.is_own(user, row)) or (manages and withdrawable),
    }


@requires("honours.nominate")
@require_GET
def mine(request: HttpRequest) -> HttpResponse:
    """One's own nominations, those that were sent back first, and the years that take new ones."""
    user = user_of(request)
    context = {
        "nominations": [(row, NominationState(row.state).tone) for row in own_of(user)],
        "selections": open_selections(user),
        "subjects": bool(own_subjects(user)),
        "may_view": user.may("honours.view"),
    }
    return render(request, "honours/mine.html", context)


@requires("desk.use")
@require_GET
def of_person(request: HttpRequest, uid: UUID) -> HttpResponse:
    """The card 选树 of a person's page; the person reads the own one."""
    user = user_of(request)
    person = get_object_or_404(Person.objects.visible_to(user), uid=uid)
    insist(Allowed() if user.may("honours.view") or user.person_id == person.pk else Denied("您的岗位没有查看选树的权限。"))
    rows = Nomination.objects.visible_to(user).filter(person=person).select_related("selection")
    return render(request, "honours/of_subject.html", _card(request, rows, "honours:person", person, Award.objects.filter(person=person)))


@requires("honours.view")
@require_GET
def of_organisation(request: HttpRequest, uid: UUID) -> HttpResponse:
    """The card 选树 of an organisation's page."""
    row = get_object_or_404(Organisation.objects.visible_to(user_of(request)), uid=uid)
    rows = Nomination.objects.visible_to(user_of(request)).filter(organisation=row).select_related("selection")
    return render(request, "honours/of_subject.html", _card(request, rows, "honours:organisation", row, Award.objects.none()))


def _card(
    request: HttpRequest, rows: "QuerySet[Nomination]", name: str, subject: Person | Organisation, awards: "QuerySet[Award]"
) -> dict[str, Any]:
    """Honours are public, so everybody who may open the card reads them."""
    about = {"person": subject} if isinstance(subject, Person) else {"organisation": subject}
    return {
        "honours": Honour.objects.filter(**about)[:10],
        "nominations": [(row, NominationState(row.state).tone) for row in rows[:10]],
        "awards": awards[:10],
        "verdict_name": name,
        "uid": subject.uid,
        "may_view": user_of(request).may("honours.view"),
    }
