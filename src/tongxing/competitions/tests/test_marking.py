"""Marking by code: own marks, paper keyed by two, differences, spreads, signed sheets; and two keyers who press at the same moment."""

from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from tongxing.audit.log import COMMAND_LINE
from tongxing.audit.models import Entry as LogEntry
from tongxing.competitions import appointing, marking, resulting
from tongxing.competitions.board import board_of
from tongxing.competitions.models import Keying, Mark, Result
from tongxing.evaluation.tests import test_issuing_at_once as issuing
from tongxing.evaluation.tests.world import refused_code as refused

from .world import a_user, coded, marked, scene, sheet

place = issuing.place
database = pytest.mark.django_db


@database
def test_a_sheet_is_keyed_by_two_and_what_agrees_counts(jiyuan: SimpleNamespace) -> None:
    world = scene(jiyuan.county)
    first, second = (keyer.user for keyer in world.staff.keyers)
    values = sheet(world, world.theory, None)
    assert marking.key(world.theory, None, values, by=first) == 4
    assert marking.key(world.theory, None, values, by=first) == 0
    assert Mark.objects.count() == 0
    wrong = dict.fromkeys(values, Decimal(7))
    assert marking.key(world.theory, None, wrong, by=first) == 4, "alone, the own entry may be mended"
    marking.key(world.theory, None, values, by=first)
    assert marking.key(world.theory, None, values, by=second) == 4
    assert set(Mark.objects.values_list("source", flat=True)) == {"agreed"}
    assert refused(lambda: marking.key(world.theory, None, wrong, by=second)) == "both_entered"
    assert Keying.objects.count() == 8


@database
def test_who_may_not_mark_or_key_is_refused(jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    world = scene(jiyuan.county)
    values = sheet(world, world.practice, world.staff.judges[0])
    (judge, other), keyer = (one.user for one in world.staff.judges), world.staff.keyers[0].user
    for user in (cast.officer, cast.nobody, a_user(jiyuan.county), keyer, COMMAND_LINE):
        assert refused(lambda user=user: marking.mark(world.practice, values, by=user)) == "not_allowed"
    for user in (cast.officer, judge):
        assert refused(lambda user=user: marking.key(world.theory, None, {}, by=user)) == "not_allowed"
    assert refused(lambda: marking.mark(world.theory, {}, by=judge)) == "not_allowed", "who judges the practice does not judge the theory"
    assert refused(lambda: marking.key(world.practice, world.staff.judges[0], {}, by=keyer)) == "not_due"
    both = a_user(jiyuan.county, "officer")
    world.staff.judges[0].user = both
    world.staff.judges[0].save()
    assert refused(lambda: marking.mark(world.practice, values, by=both)) == "not_allowed"
    assert marking.mark(world.practice, values, by=other) == 8


@database
@pytest.mark.parametrize("value", ["-0.01", "20.01", "3.333"])
def test_marks_out_of_range_save_nothing(jiyuan: SimpleNamespace, value: str) -> None:
    world = scene(jiyuan.county)
    judge = world.staff.judges[0]
    values = sheet(world, world.practice, judge)
    values[min(values)] = Decimal(value)
    assert refused(lambda: marking.mark(world.practice, values, by=judge.user)) == "mark_range"
    assert refused(lambda: marking.mark(world.practice, {("999", 1): Decimal(1)}, by=judge.user)) == "not_due"
    assert Mark.objects.count() == 0


@database
def test_two_keyings_that_differ_are_settled_by_the_chief(jiyuan: SimpleNamespace) -> None:
    world = scene(jiyuan.county)
    first, second = (keyer.user for keyer in world.staff.keyers)
    values = sheet(world, world.theory, None)
    marking.key(world.theory, None, values, by=first)
    marking.key(world.theory, None, values | {min(values): Decimal(55)}, by=second)
    (pair,) = board_of(world.row).differences()
    assert (pair.entry.code, pair.first.value, pair.second.value) == ("001", Decimal("1.50"), Decimal(55))
    settle = (pair.entry, pair.aspect, None, Decimal(55))
    for user in (first, second, world.staff.judges[0].user):
        assert refused(lambda user=user: marking.settle_difference(*settle, by=user, reason="试卷")) == "not_allowed"
    chief = world.staff.chief.user
    assert refused(lambda: marking.settle_difference(*settle, by=chief, reason="")) == "reason_missing"
    assert marking.settle_difference(*settle, by=chief, reason="对照试卷").value == Decimal(55)
    assert refused(lambda: marking.settle_difference(*settle, by=chief, reason="对照试卷")) == "no_difference"
    assert board_of(world.row).differences() == []


@database
def test_judges_too_far_apart_mark_again_or_the_chief_says_why_it_stands(jiyuan: SimpleNamespace) -> None:
    world = marked(scene(jiyuan.county), lambda code, aspect, judge: Decimal(10) if judge != "甲裁判" else Decimal(15))
    assert refused(lambda: resulting.rank(world.row, by=COMMAND_LINE)) == "open_points"
    chief, judge, entry = world.staff.chief.user, world.staff.judges[0].user, coded(world, "001")
    talk, plan = world.practice.aspects.filter(kind="judged")
    measured = world.practice.aspects.get(kind="measured")
    assert refused(lambda: marking.confirm_spread(entry, talk, by=judge, reason="合议")) == "not_allowed"
    assert refused(lambda: marking.confirm_spread(entry, measured, by=chief, reason="合议")) == "not_wide"
    marking.confirm_spread(entry, talk, by=chief, reason="合议后一致认为可以")
    assert refused(lambda: marking.mark(world.practice, {("001", plan.pk): Decimal(11)}, by=judge)) == "handed_in"
    assert marking.ask_again(entry, plan, by=chief, reason="重看录像") == 4
    assert refused(lambda: marking.ask_again(entry, plan, by=chief, reason="重看录像")) == "nothing"
    for one in (world.staff.chief, *world.staff.judges):
        assert marking.mark(world.practice, {("001", plan.pk): Decimal(12)}, by=one.user) == 1
    for keyer in world.staff.keyers:
        marking.key(world.practice, world.staff.paper, {("001", plan.pk): Decimal(13)}, by=keyer.user)
    cells = {cell.aspect: cell for cell in board_of(world.row).cells(world.practice) if cell.entry == entry}
    assert (cells[talk].value, cells[plan].value, cells[plan].spread) == (Decimal("11.25"), Decimal("12.25"), Decimal(1))
    for code in ("002", "003", "004"):
        for aspect in (talk, plan):
            marking.confirm_spread(coded(world, code), aspect, by=chief, reason="合议")
    resulting.rank(world.row, by=COMMAND_LINE)
    assert sorted(LogEntry.objects.get(act="competitions.ask_again").before["marks"]) == ["10.00", "10.00", "10.00", "15.00"]


@database
def test_a_sheet_is_handed_in_whole_and_stands(jiyuan: SimpleNamespace) -> None:
    world = scene(jiyuan.county)
    judge = world.staff.judges[0]
    values = sheet(world, world.practice, judge)
    some = dict(list(values.items())[:3])
    marking.mark(world.practice, some, by=judge.user)
    assert refused(lambda: marking.hand_in(world.practice, by=judge.user)) == "incomplete"
    marking.mark(world.practice, values, by=judge.user)
    marking.hand_in(world.practice, by=judge.user)
    assert refused(lambda: marking.hand_in(world.practice, by=judge.user)) == "handed_in"
    assert refused(lambda: marking.mark(world.practice, dict.fromkeys(values, Decimal(1)), by=judge.user)) == "handed_in"
    assert marking.mark(world.practice, values, by=judge.user) == 0


@database
def test_the_log_of_marking_knows_codes_and_no_names(jiyuan: SimpleNamespace) -> None:
    world = marked(scene(jiyuan.county))
    names = {entry.person.name for entry in world.row.entries.select_related("person")}
    acts = ("competitions.mark", "competitions.key", "competitions.hand_in")
    told = " ".join(f"{one.object_label} {one.after} {one.before}" for one in LogEntry.objects.filter(act__in=acts))
    assert "001" in told
    assert [name for name in names if name in told] == []


@database
def test_a_judge_who_leaves_takes_the_marks_along(jiyuan: SimpleNamespace) -> None:
    world = marked(scene(jiyuan.county), lambda code, aspect, judge: Decimal(5) if judge != "甲裁判" else Decimal(8))
    appointing.release(world.staff.judges[0], by=COMMAND_LINE, reason="身体原因")
    assert refused(lambda: appointing.release(world.staff.judges[1], by=COMMAND_LINE, reason="身体原因")) == "too_few_judges"
    resulting.rank(world.row, by=COMMAND_LINE)
    # 5/100 x 40 and (5 + 5 + 5)/50 x 60: the eight is gone.
    assert set(Result.objects.values_list("total", flat=True)) == {Decimal("20.00")}


@database
def test_the_board_asks_as_many_queries_for_many_entries_as_for_few(jiyuan: SimpleNamespace) -> None:
    counts = []
    for entries in (2, 6):
        world = marked(scene(jiyuan.county, entries=entries))
        with CaptureQueriesContext(connection) as queries:
            board = board_of(world.row)
            assert (board.open_points(), board.staff_faults()) == ([], [])
            resulting.placed_by(board)
        counts.append(len(queries))
    assert counts[0] == counts[1]


@database
def test_the_database_keeps_a_third_keying_and_a_second_of_one_keyer_out(jiyuan: SimpleNamespace) -> None:
    world = scene(jiyuan.county)
    aspect, entry = world.theory.aspects.get(), coded(world, "001")
    first, second = world.staff.keyers
    Keying.objects.create(entry=entry, aspect=aspect, turn=1, value=1, keyer=first)
    for turn, keyer in ((1, second), (2, first), (3, second)):
        with pytest.raises(IntegrityError), transaction.atomic():
            Keying.objects.create(entry=entry, aspect=aspect, turn=turn, value=1, keyer=keyer)


TOGETHER = """
import django, json, sys, threading
django.setup()
from decimal import Decimal
from django.db import connections
from tongxing.areas.models import Area
from tongxing.competitions import marking
from tongxing.competitions.board import board_of
from tongxing.competitions.models import Keying, Mark
from tongxing.competitions.tests.world import scene, sheet
from tongxing.core.errors import Refused

world = scene(Area.objects.get(code=419001000000), entries=6)
values = sheet(world, world.theory, None)
start, said = threading.Barrier(4), []

def press(keyer, value):
    try:
        start.wait()
        said.append(str(marking.key(world.theory, None, dict.fromkeys(values, value), by=keyer.user)))
    except Refused as refused:
        said.append(refused.code)
    except BaseException as other:
        said.append(repr(other))
    finally:
        connections.close_all()

# Each keyer presses twice at the same moment as the other.
threads = [threading.Thread(target=press, args=[keyer, Decimal(50)]) for keyer in world.staff.keyers for _ in range(2)]
for thread in threads: thread.start()
for thread in threads: thread.join()
turns = sorted(Keying.objects.values_list("entry__code", "turn"))
print(json.dumps({"said": sorted(said), "keyings": len(turns), "twice": len(set(turns)), "marks": Mark.objects.count(),
                  "differences": len(board_of(world.row).differences())}))
"""


@pytest.mark.slow
@pytest.mark.homes
def test_two_keyers_at_once_leave_two_entries_and_one_mark_each(place: dict[str, str]) -> None:
    found = issuing.said(TOGETHER, place)
    assert found == {"said": ["0", "0", "6", "6"], "keyings": 12, "twice": 12, "marks": 6, "differences": 0}
