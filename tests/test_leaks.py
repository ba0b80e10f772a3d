"""The leak test of the yearly selection: reviewers, nominees and officers of elsewhere try every address for what they must not know.

Whoever must keep away from a nominee is asked twice, once with the nominee in the database and once without: no list, count, search,
export, message or status may differ. Whatever is found by address answers like something that does not exist, after as many queries.
"""

import io
import re
from itertools import product
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import NoReverseMatch, reverse
from house import addresses
from python_calamine import CalamineWorkbook

from tongxing.accounts.models import Grant, User
from tongxing.audit.log import COMMAND_LINE
from tongxing.audit.models import Entry
from tongxing.honours import conflicts, empanelling, scoring
from tongxing.honours.models import Assignment, Conflict, DossierItem, Kind, Nomination, Opinion, Stage, Visit
from tongxing.honours.tests.review_world import a_judge, a_nominee, a_reviewer, at_stage, scores
from tongxing.honours.tests.world import a_selection
from tongxing.notices.models import Notice
from tongxing.registry.tests.people_factories import a_coordinator, an_organisation
from tongxing.targets.gaps import catch_up

pytestmark = [pytest.mark.django_db, pytest.mark.slow, pytest.mark.once]
SUMMARY, STORY, COMMENT, OPINION, FINDING, PIECE = (
    "青柠檬事迹摘要",
    "紫丁香主要事迹",
    "白杨树评语",
    "红石榴意见",
    "蓝月亮走访",
    "黑芝麻材料",
)
SECRET_SCORE = 37
ADDRESSES = {address.name: address for address in addresses()}
# What differs from one answer to the next by itself: tokens, nonces, how long it took, digests of a page's records.
VARYING = re.compile(
    r"\b[A-Za-z0-9]{64}\b|T[0-9]{2}:[0-9]{2}:[0-9.]+|[0-9a-f]{12,32}(?=<|\")|nonce=\"[^\"]*\"|data-session-seconds=\"[0-9]+\"|\b[0-9.]+ ?(ms|毫秒|秒)"
)


@pytest.fixture
def scene(jiyuan: SimpleNamespace) -> SimpleNamespace:
    """A review under way; `hidden` is kept from `barred` (a post as reviewer) and `party` (reviewer and union officer at once)."""
    row = at_stage(a_selection(jiyuan.county), Stage.REVIEW)
    shared = an_organisation(jiyuan.kejing)
    nominees = [a_nominee(row) for _ in range(3)]
    hidden = a_nominee(row, a_coordinator(jiyuan.kejing, organisation=shared).person, summary=SUMMARY, story=STORY, number="TJ2026-777")
    item = DossierItem.objects.create(nomination=hidden, kind="file", source="1", label=PIECE, added_by="经办")
    opinion = Opinion.objects.create(
        nomination=hidden, origin="employer", body="某单位", agrees=True, text=OPINION, given_on=row.judged_on, recorded_by="经办"
    )
    visit = Visit.objects.create(
        nomination=hidden, visited_on=row.judged_on, place="某地", visitors="甲、乙", findings=FINDING, confirmed=True, recorded_by="经办"
    )
    judges = {
        name: a_judge(
            jiyuan.county, person=a_coordinator(jiyuan.kejing, organisation=shared).person if name in {"barred", "party"} else None
        )
        for name in ("barred", "party", "government", "federation", "expert", "other")
    }
    Grant.objects.create(user=judges["party"], role="union", area_id=jiyuan.county.pk, granted_by="测试")
    sides = {"government": "government", "party": "union", "federation": "federation"}
    bench = {name: a_reviewer(row, sides.get(name, "expert"), user=User.objects.get(pk=user.pk)) for name, user in judges.items()}
    empanelling.set_criteria(row, Kind.PERSON, empanelling.usual_criteria(Kind.PERSON), by=COMMAND_LINE)
    panel = empanelling.open_panel(row, Kind.PERSON, by=COMMAND_LINE, each=3)
    given = Assignment.objects.filter(nomination=hidden).select_related("reviewer__user")
    for one in given[:2]:
        values = scores(panel, SECRET_SCORE)
        scoring.submit(one, by=one.reviewer.user, scores=values, comment=COMMENT)
    # A message of a time when the reviewer still knew would be no leak of ours; from here on nothing is told.
    assert Conflict.objects.filter(nomination=hidden, reviewer__in=[bench["barred"], bench["party"]]).count() == 2
    return SimpleNamespace(
        selection=row, nominees=nominees, hidden=hidden, panel=panel, judges=judges, bench=bench, item=item, opinion=opinion, visit=visit
    )


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=user.pk))
    return client


def pages(scene: SimpleNamespace) -> list[str]:
    """Every address without arguments; those of the selection, of people and of files with each uid of the scene that could fit."""
    hidden = [
        scene.hidden,
        scene.hidden.person,
        scene.item,
        scene.opinion,
        scene.visit,
        *Assignment.objects.filter(nomination=scene.hidden),
    ]
    every = [scene.selection, scene.panel, scene.nominees[0], scene.bench["barred"], *hidden]
    found = []
    for address in addresses():
        if not address.arguments:
            choices = [()]
        elif address.name.startswith("honours:"):
            choices = list(product([row.uid for row in (every if len(address.arguments) == 1 else hidden)], repeat=len(address.arguments)))
        elif address.name in {"registry:person", "files:file", "papers:paper"}:
            choices = [(row.uid,) for row in hidden]
        else:
            continue
        for chosen in choices:
            try:
                found.append(reverse(address.name, kwargs=dict(zip(sorted(address.arguments), chosen, strict=True))))
            except NoReverseMatch:
                break
    return sorted({path for path in found if not path.startswith(("/account/", "/static/"))})


def queries_of(scene: SimpleNamespace) -> list[str]:
    """Searches, filters and sortings of the room's lists, and the search above all pages."""
    words = [SUMMARY, scene.hidden.number, scene.hidden.person.name]
    names = [address.name for address in addresses() if getattr(address.view, "__name__", "").endswith("List")]
    lists = [reverse(name) for name in names if name.startswith("honours:") and not ADDRESSES[name].arguments]
    lists += [reverse(name, args=[scene.selection.uid]) for name in names if name.startswith("honours:") and ADDRESSES[name].arguments]
    asked = [
        f"{path}?{query}" for path in lists for query in (*(f"q={word}" for word in words), "state=accepted", "sort=-number", "size=100")
    ]
    return asked + [f"{reverse(name)}?q={word}" for word in words for name in ("desk:search", "desk:palette")]


def read(answer: Any) -> str:
    """Status and all that can be read, without what varies by itself; of a workbook, its cells."""
    body = b"".join(answer.streaming_content) if getattr(answer, "streaming", False) else answer.content
    if body[:2] == b"PK":
        book = CalamineWorkbook.from_filelike(io.BytesIO(body))
        return "\n".join(str(row) for name in book.sheet_names for row in book.get_sheet_by_name(name).to_python())
    return f"{answer.status_code} {answer.headers.get('Location', '')} {VARYING.sub('', body.decode(errors='replace'))}"


def told(client: Client, path: str) -> str:
    return read(client.get(path))


def all_told(user: User, paths: list[str]) -> dict[str, str]:
    """Everything a user reads; nothing that asking writes stays."""
    try:
        with transaction.atomic():
            client = signed_in(user)
            catch_up()
            found = {path: told(client, path) for path in paths}
            found |= {f"{path} (workbook)": read(client.post(path, {"all": "1"})) for path in paths if path.endswith("size=100")}
            raise LookupError
    except LookupError:
        return found


def without(scene: SimpleNamespace) -> None:
    """The same house in which the hidden nominee was never recommended."""
    Assignment.objects.filter(nomination=scene.hidden).delete()
    Conflict.objects.filter(nomination=scene.hidden).delete()
    Nomination.objects.filter(pk=scene.hidden.pk).delete()


@pytest.mark.parametrize("who", ["barred", "party"])
def test_for_who_must_keep_away_the_nominee_does_not_exist(scene: SimpleNamespace, who: str) -> None:
    user = scene.judges[who]
    paths = [*pages(scene), *queries_of(scene)]
    before = all_told(user, paths)
    secrets = (SUMMARY, STORY, COMMENT, OPINION, FINDING, PIECE, scene.hidden.number)
    typed = {path: [word for word in secrets if word in path] for path in before}
    assert [path for path, text in before.items() for word in secrets if word in text and word not in typed[path]] == []
    try:
        with transaction.atomic():
            without(scene)
            after = all_told(user, paths)
            raise LookupError
    except LookupError:
        pass
    assert {path: (before[path][:300], after[path][:300]) for path in before if before[path] != after[path]} == {}


def test_an_address_of_the_hidden_costs_what_an_address_of_nothing_costs(scene: SimpleNamespace) -> None:
    """As many queries, the same status and the same words: the time of an answer tells nothing either."""
    for who in ("barred", "party", "other"):
        client = signed_in(scene.judges[who])
        client.get("/honours/reviewing/")
        for row in Assignment.objects.filter(nomination=scene.hidden).exclude(reviewer=scene.bench[who]):
            for name in ("score", "score-abstain", "score-recuse"):
                answers = []
                for uid in (row.uid, uuid4()):
                    with CaptureQueriesContext(connection) as asked:
                        answer = client.get(reverse(f"honours:{name}", args=[uid]))
                    answers.append((answer.status_code, len(asked), VARYING.sub("", answer.content.decode()).replace(str(uid), "")))
                assert answers[0] == answers[1]
                assert answers[0][0] == 404


def test_nominees_strangers_and_officers_of_elsewhere_read_nothing_of_it(scene: SimpleNamespace, cast: SimpleNamespace) -> None:
    nominee = User.objects.create(username="nominee", name="候选人", person_id=scene.nominees[0].person_id)
    Grant.objects.create(user=nominee, role="coordinator", area_id=scene.selection.area_id, granted_by="测试")
    paths = [*pages(scene), *queries_of(scene)]
    secrets = (SUMMARY, STORY, COMMENT, OPINION, FINDING, PIECE, scene.hidden.number, f"{SECRET_SCORE}.00")
    for user in (nominee, cast.other, cast.agent, cast.coordinator, cast.nobody, scene.judges["other"]):
        own = Nomination.objects.reviewable_by(user).filter(pk=scene.hidden.pk).exists()
        found = all_told(user, paths)
        kept = secrets if not own else (COMMENT, f"{SECRET_SCORE}.00")
        assert [(user.name, path, word) for path, text in found.items() for word in kept if word in text and word not in path] == []


def test_scores_are_sealed_for_everybody_while_the_review_is_open(scene: SimpleNamespace, cast: SimpleNamespace) -> None:
    """Officers, leaders and colleagues who score the same nominee read no score, no comment and no total before the panel is closed."""
    colleague = Assignment.objects.filter(nomination=scene.hidden, state="given").select_related("reviewer__user").first()
    assert colleague is not None
    paths = [*pages(scene), *queries_of(scene)]
    for user in (cast.officer, cast.leader, cast.township, colleague.reviewer.user):
        found = all_told(user, paths)
        assert [(user.name, path) for path, text in found.items() for word in (COMMENT, f"{SECRET_SCORE}.00") if word in text] == []


def test_the_log_keeps_that_scores_were_given_not_how_high(scene: SimpleNamespace) -> None:
    entries = Entry.objects.filter(act__startswith="honours.")
    assert entries.filter(act="honours.submit_scores").count() == 2
    assert not [one for one in entries if COMMENT in str(one.after) or f"{SECRET_SCORE}.00" in str(one.after)]


def test_messages_name_no_nominee_to_who_must_keep_away(scene: SimpleNamespace) -> None:
    conflicts.refresh(scene.selection)
    names = [scene.hidden.person.name, scene.hidden.number, SUMMARY]
    for who in ("barred", "party"):
        told_to = Notice.objects.filter(user=scene.judges[who])
        assert not [one for one in told_to for name in names if name in f"{one.title}{one.body}"]
