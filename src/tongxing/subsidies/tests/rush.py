"""Fifty at once, and work that is killed in the middle: money and numbers stay right. On a SQLite file, or on a PostgreSQL database of its own.

`python -m tongxing.subsidies.tests.rush prepare|rush|walk|killed|verify` works on the data folder and the database of the environment.
"""

import json
import os
import signal
import sys
import threading
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

AT_ONCE = 50
BUDGET_FOR = 20


def scene() -> Any:
    """The cast in an area of the loaded tree, or that of the test."""
    from types import SimpleNamespace

    from tongxing.areas.models import Area

    from .scene import Scene

    county = Area.objects.get(code=419001000000)
    return Scene(SimpleNamespace(county=county, kejing=Area.objects.get(code=419001100000)))


def at_once(job: Callable[[int], Any]) -> list[Any]:
    """What fifty threads got, each on a connection of its own; a refusal counts as its code."""
    from django.core.exceptions import ValidationError
    from django.db import connection

    from tongxing.core.errors import Refused

    start, found = threading.Barrier(AT_ONCE), [None] * AT_ONCE

    def run(number: int) -> None:
        start.wait()
        try:
            found[number] = job(number)
        except Refused as refused:
            found[number] = refused.code  # type: ignore[call-overload]
        except ValidationError:
            found[number] = "invalid"  # type: ignore[call-overload]
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[number]) for number in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def rush(cast: Any) -> dict[str, Any]:
    """Fifty claims at once for one certificate, for fifty certificates, fifty approvals of a budget for twenty, fifty lists of one claim."""
    from django.utils import timezone

    from tongxing.subsidies import claiming, funding, handling, noticing, paying, reconciling
    from tongxing.subsidies.models import Claim, Fund, PaymentList

    from .scene import anew

    one = cast.certificate()
    same = at_once(lambda _: claiming.open_claims([cast.ask(one)], by=cast.second)[0].serial)
    papers = [cast.certificate() for _ in range(AT_ONCE)]
    opened = at_once(lambda number: claiming.open_claims([cast.ask(papers[number])], by=cast.second)[0].serial)
    claims = list(Claim.objects.filter(serial__in=opened))
    at_once(lambda number: handling.accept_claims([claims[number]], by=cast.handler)[0].state)
    budget = Decimal(280 * BUDGET_FOR + 100)
    fund = funding.set_fund(by=cast.approver, area_code=cast.fund.area_id, year=timezone.localdate().year, source="紧的资金", budget=budget)
    claims = anew(claims)
    approved = at_once(lambda number: handling.approve_claims([claims[number]], by=cast.approver, fund=fund)[0].state)
    held = list(Claim.objects.filter(state="approved"))
    row = noticing.publish_round(cast.drafted(held), by=cast.approver)
    noticing.clear_due(row.ends_on + timedelta(days=1))
    held = anew(held)
    lists = at_once(lambda _: paying.make_list(held, by=cast.cashier, fund=fund).number)
    paid = PaymentList.objects.get()
    paying.send_list(paying.approve_list(paid, by=cast.approver), by=cast.cashier)
    answers = [reconciling.Answer(place, claim.serial, claim.amount, paid=True) for place, claim in enumerate(held, start=2)]
    done = at_once(lambda _: reconciling.reconcile(paid, answers, by=cast.cashier).paid)
    standing = funding.standings([Fund.objects.get(pk=fund.pk)])[fund.pk]
    return {
        "one certificate": Counter("claimed" if str(said).startswith("BT") else "refused" for said in same),
        "serials": len(set(opened)),
        "in a row": sorted(int(serial[6:]) for serial in opened)
        == list(range(min(int(s[6:]) for s in opened), min(int(s[6:]) for s in opened) + AT_ONCE)),
        "approved": Counter(approved),
        "lists": Counter("made" if str(said).startswith("BF") else "refused" for said in lists),
        "settled": sum(done),
        "paid": f"{standing.paid:.2f}",
        "free": f"{standing.free:.2f}",
    }


EXPECTED = {
    "one certificate": {"claimed": 1, "refused": AT_ONCE - 1},
    "serials": AT_ONCE,
    "in a row": True,
    "approved": {"approved": BUDGET_FOR, "over_budget": AT_ONCE - BUDGET_FOR},
    "lists": {"made": 1, "refused": AT_ONCE - 1},
    "settled": BUDGET_FOR,
    "paid": f"{280 * BUDGET_FOR}.00",
    "free": "100.00",
}


def walk() -> None:
    """Take every claim one step further, again and again until all are paid; whoever is killed leaves it to the next."""
    from tongxing.accounts.models import User
    from tongxing.certificates.models import Certificate
    from tongxing.registry.models import Organisation
    from tongxing.subsidies import claiming, handling, noticing, paying
    from tongxing.subsidies.judging import Ask
    from tongxing.subsidies.models import Claim, ClaimKind, Fund

    from .scene import an_account

    users = {user.username: user for user in User.objects.all()}
    handler, second, approver, cashier = (users[name] for name in ("handler", "handler2", "approver", "cashier"))
    fund, body = Fund.objects.get(source="专账资金"), Organisation.objects.get(name="济源评价中心")
    for paper in Certificate.objects.order_by("pk"):
        if not Claim.objects.filter(certificate=paper).exists():
            ask = Ask(ClaimKind.EVALUATION, paper, body, an_account(1, body.name))
            claiming.open_claims([ask], by=second)
        for claim in Claim.objects.filter(certificate=paper):
            if claim.state == "submitted":
                handling.accept_claims([claim], by=handler)
            if _state(claim) == "accepted":
                handling.approve_claims([claim], by=approver, fund=fund)
            if _state(claim) == "approved":
                claim.refresh_from_db()
                words = {"title": f"公示 {claim.serial}", "contact": "0391-6636515"}
                row = claim.round or noticing.draft_round([claim], by=handler, area_code=fund.area_id, **words)
                noticing.publish_round(row, by=approver)
            claim.refresh_from_db()
            if claim.state == "noticed":
                assert claim.notice_until
                noticing.clear_due(claim.notice_until + timedelta(days=1))
            if _state(claim) == "cleared":
                paying.make_list([claim], by=cashier, fund=fund)
            _pay(claim, approver, cashier)


def _pay(claim: Any, approver: Any, cashier: Any) -> None:
    """The way of a listed claim through the bank."""
    from tongxing.subsidies import paying, reconciling
    from tongxing.subsidies.models import PaymentLine, PaymentList

    line = PaymentLine.objects.filter(claim=claim).select_related("list__fund").first()
    if line is None:
        return
    if line.list.state == "draft":
        paying.approve_list(line.list, by=approver)
    if PaymentList.objects.get(pk=line.list_id).state == "approved":
        paying.send_list(line.list, by=cashier)
    if line.state == "waiting":
        answer = reconciling.Answer(2, claim.serial, claim.amount, paid=True)
        reconciling.reconcile(line.list, [answer], by=cashier)


def killed() -> dict[str, Any]:
    """A claim that may be paid, on its way through list, approval, bank and answer: whoever works is killed before each statement of each step.

    Returns how often, what was wrong at any of these moments, and how it ended.
    """
    from django.db import connections

    scene().cleared()
    at, kills, wrong = 1, 0, []
    before = _standing()
    while True:
        connections.close_all()
        process = os.fork()
        if not process:
            _walk_and_die(at)
        status = os.waitpid(process, 0)[1]
        wrong += verified()["wrong"]
        if not os.WIFSIGNALED(status):
            return {"kills": kills, "steps": _standing(), "left": os.waitstatus_to_exitcode(status), **verified(), "wrong": wrong}
        kills, now = kills + 1, _standing()
        at, before = (1, now) if now != before else (at + 1, before)


def _walk_and_die(at: int) -> None:
    """Work on in this process, until its statement number `at`: there it kills itself, in the midst of what it began."""
    from django.db import connection

    seen = 0

    def watch(execute: Any, sql: Any, params: Any, many: Any, context: Any) -> Any:
        nonlocal seen
        seen += 1
        if seen == at:
            os.kill(os.getpid(), signal.SIGKILL)
        return execute(sql, params, many, context)

    left = 1
    try:
        with connection.execute_wrapper(watch):
            walk()
        left = 0
    finally:
        os._exit(left)


def _standing() -> list[str]:
    """How far the claims, the lists and their lines are."""
    from tongxing.subsidies.models import Claim, PaymentLine, PaymentList

    models = (Claim, PaymentList, PaymentLine)
    return [state for model in models for state in model._default_manager.order_by("pk").values_list("state", flat=True)]


def _state(claim: Any) -> str:
    return str(type(claim).objects.values_list("state", flat=True).get(pk=claim.pk))


def verified() -> dict[str, Any]:
    """What must hold at any moment, and how far the work is."""
    from tongxing.certificates.models import Certificate
    from tongxing.subsidies import funding
    from tongxing.subsidies.models import Claim, Fund, Happening, PaymentLine, PaymentList

    claims, lines = list(Claim.objects.all()), list(PaymentLine.objects.select_related("claim", "list"))
    fund = Fund.objects.get(source="专账资金")
    standing = funding.standings([fund])[fund.pk]
    paid = sum((claim.amount for claim in claims if claim.state == "paid"), Decimal(0))
    last = {step.claim_id: step.state for step in Happening.objects.order_by("pk")}
    return {
        "claims": len(claims),
        "paid": sum(claim.state == "paid" for claim in claims),
        "certificates": Certificate.objects.count(),
        "wrong": [
            *(f"{claim.serial}: told {last.get(claim.pk)}, stands {claim.state}" for claim in claims if last.get(claim.pk) != claim.state),
            *(f"line of {line.claim.serial}: {line.state}" for line in lines if (line.state == "paid") != (line.claim.state == "paid")),
            *(f"{row.number} without lines" for row in PaymentList.objects.all() if row.lines.count() != row.lines_count),
            *(["paid sum differs"] if standing.paid != paid else []),
            *(["a claim on two lists"] if len({line.claim_id for line in lines}) != len(lines) else []),
        ],
    }


def main(what: str) -> None:
    import django

    django.setup()
    if what == "prepare":
        cast = scene()
        for _ in range(6):
            cast.certificate()
        answer: Any = {}
    elif what == "walk":
        Path(sys.argv[2]).touch()
        walk()
        answer = {}
    else:
        answer = rush(scene()) if what == "rush" else killed() if what == "killed" else verified()
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main(sys.argv[1])
