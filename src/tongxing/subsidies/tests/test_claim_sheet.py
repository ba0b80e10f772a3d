"""The sheet of claims: what is due is opened, what is not says why; officers, bodies and nobody else; taken back while untouched."""

from pathlib import Path
from typing import Any

from tongxing.accounts.models import Grant, User
from tongxing.audit.log import COMMAND_LINE
from tongxing.certificates.models import Certificate
from tongxing.registry.models import Organisation
from tongxing.registry.tests.people_factories import an_id, an_organisation
from tongxing.registry.tests.rosters import credit_code, write
from tongxing.sheets import command
from tongxing.subsidies import handling
from tongxing.subsidies.models import Claim, ClaimState, Happening

from .scene import Scene, a_card

HEADINGS = ["补贴种类", "姓名", "身份证号", "证书编号", "人员类别", "结业日期", "完成学时", "收款单位信用代码", "户名", "开户行", "卡号"]


def line(paper: Certificate, kind: str = "评价补贴", **changes: Any) -> list[Any]:
    person = paper.person
    values = {"kind": kind, "name": person.name, "id": person.id_number, "number": paper.number, "category": "", "done": "", "hours": ""}
    values |= {"payee": "", "account_name": "济源评价中心", "bank": "工商银行济源支行", "account": a_card()}
    if kind == "培训补贴":
        values |= {"done": str(paper.issued_on), "hours": "80学时", "account_name": person.name}
    return list((values | changes).values())


def load(folder: Path, rows: list[list[Any]], by: Any) -> dict[str, Any]:
    return command.load("claims", write(folder, [HEADINGS, *rows], "claims.csv"), by=by)


def codes(report: dict[str, Any]) -> list[tuple[int, str]]:
    return [(problem["row"], problem["code"]) for problem in report["problems"]]


def agent_of(body: Organisation, role: str = "assessment_body") -> User:
    user = User.objects.create_user(f"agent-{body.pk}", "clay-river-9-lamp", name="机构经办")
    Grant.objects.create(user=user, role=role, organisation_id=body.pk, since="2020-01-01", granted_by="测试")
    return user


def test_what_is_due_is_opened_and_the_rest_says_why(scene: Scene, tmp_path: Path) -> None:
    papers = [scene.certificate() for _ in range(5)]
    rows = [
        line(papers[0]),
        line(papers[0], "培训补贴"),
        line(papers[1], "培训补贴", hours="", done=""),
        line(papers[2], id=an_id()),
        line(papers[3], account="6222021234567890123"),
        line(papers[4], payee=an_organisation(scene.jiyuan.county, credit_code=credit_code(1)).credit_code),
        line(papers[0]),
        line(papers[4], category="贫困户"),
        line(papers[4], category="贫困家庭子女"),
    ]
    report = load(tmp_path, rows, scene.second)
    assert (report["new"], report["invalid"], report["duplicate"]) == (2, 6, 1)
    assert codes(report) == [
        (4, "not_entitled"),
        (5, "certificate_unknown"),
        (6, "account"),
        (7, "not_entitled"),
        (8, "duplicate_in_file"),
        (9, "category"),
        (10, "not_entitled"),
    ]
    made = {(claim.kind, claim.payee_name, claim.state) for claim in Claim.objects.all()}
    assert made == {("evaluation", "济源评价中心", "submitted"), ("training", papers[0].person.name, "submitted")}
    again = load(tmp_path, rows[:2], scene.second)
    assert (again["same"], again["new"]) == (2, 0)


def test_two_lines_of_one_person_keep_the_limit_of_one(scene: Scene, tmp_path: Path) -> None:
    person = scene.person()
    first, second = scene.certificate(person), scene.certificate(person)
    report = load(tmp_path, [line(first), line(second)], scene.second)
    assert (report["new"], codes(report)) == (1, [(3, "not_entitled")])
    assert "同时提交的另一笔" in report["problems"][0]["message"]


def test_a_body_asks_for_those_it_evaluated_and_for_no_one_else(scene: Scene, tmp_path: Path) -> None:
    mine, agent = scene.certificate(), agent_of(scene.body)
    stranger = agent_of(an_organisation(scene.jiyuan.county, kind="assessment"))
    refused = load(tmp_path, [line(mine)], stranger)
    assert codes(refused) == [(2, "certificate_unknown")]
    report = load(tmp_path, [line(mine), line(mine, "培训补贴")], agent)
    assert (report["new"], codes(report)) == (1, [(3, "certificate_unknown")])
    claim = Claim.objects.get()
    assert (claim.payee_organisation_id, claim.opened_by_id) == (scene.body.pk, agent.pk)
    assert list(Claim.objects.visible_to(agent)) == [claim]
    assert not Claim.objects.visible_to(stranger).exists()


def test_nobody_else_loads_claims(scene: Scene, tmp_path: Path) -> None:
    for by in (scene.approver, COMMAND_LINE):
        assert load(tmp_path, [line(scene.certificate())], by)["status"] == "refused"
    assert not Claim.objects.exists()


def test_claims_are_taken_back_while_nobody_handled_them(scene: Scene, tmp_path: Path) -> None:
    rows = [line(scene.certificate()), line(scene.certificate())]
    first = load(tmp_path, rows, scene.second)
    assert command.undo(first["batch"], by=scene.second)["status"] == "undone"
    assert (Claim.objects.count(), Happening.objects.count()) == (0, 0)
    again = load(tmp_path, rows, scene.second)
    serials = list(Claim.objects.order_by("serial").values_list("serial", flat=True))
    assert [serial[-6:] for serial in serials] == ["000003", "000004"]
    handling.accept_claims(list(Claim.objects.all()[:1]), by=scene.handler)
    refused = command.undo(again["batch"], by=scene.second)
    assert refused["status"] == "refused"
    assert Claim.objects.filter(state=ClaimState.ACCEPTED).count() == 1
