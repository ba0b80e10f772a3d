"""Those whom a subsidy is for ask themselves: the person for the own certificate, a provider or body for those it trained or evaluated."""

from typing import Any

from django.test import Client
from django.urls import reverse

from tongxing.accounts.models import Grant, User
from tongxing.registry.models import Person
from tongxing.subsidies.models import Claim
from tongxing.training.models import Enrolment

from .scene import Scene, a_card
from .test_claim_sheet import agent_of
from .test_joined import trained
from .test_pages import signed_in, text_of

TYPED = {"account_name": "某某", "bank": "工商银行济源支行", "category": "employee"}


def a_coordinator_account(person: Person, area: Any) -> User:
    user = User.objects.create_user(f"own-{person.pk}", "clay-river-9-lamp", name=person.name, person_id=person.pk)
    Grant.objects.create(user=user, role="trainee", area=area, since="2020-01-01", granted_by="测试")
    return user


def page(client: Client) -> str:
    return text_of(client.get(reverse("subsidies:own")))


def test_a_person_asks_for_the_own_certificate(scene: Scene) -> None:
    mine, other = scene.certificate(), scene.certificate()
    trained(scene, mine.person)
    client = signed_in(a_coordinator_account(mine.person, scene.jiyuan.county))
    assert mine.number in page(client)
    assert other.number not in page(client)
    assert client.get(reverse("subsidies:own-open", args=[other.uid])).status_code == 404
    done = text_of(client.post(reverse("subsidies:own-open", args=[mine.uid]), {**TYPED, "account": a_card()}, follow=True))
    claim = Claim.objects.get()
    assert "已提交" in done
    assert (claim.kind, claim.payee_person_id, claim.hours) == ("training", mine.person_id, 76)
    assert claim.serial in page(client)
    assert client.get(reverse("subsidies:own-open", args=[mine.uid])).status_code == 404
    assert text_of(client.get(reverse("subsidies:claim", args=[claim.uid])))


def test_what_is_not_due_stays_on_the_page_with_its_reason(scene: Scene) -> None:
    mine = scene.certificate()
    client = signed_in(a_coordinator_account(mine.person, scene.jiyuan.county))
    answer = client.post(reverse("subsidies:own-open", args=[mine.uid]), {**TYPED, "account": a_card()})
    assert "没有登记完成的培训学时" in text_of(answer)
    assert not Claim.objects.exists()


def test_a_provider_asks_for_those_it_trained(scene: Scene) -> None:
    mine, other = scene.certificate(), scene.certificate()
    row: Enrolment = trained(scene, mine.person)
    provider = row.training_class.provider.organisation
    client = signed_in(agent_of(provider, "training_provider"))
    assert "培训补贴：1 张证书还没有申请" in page(client)
    listed = text_of(client.get(reverse("subsidies:candidates") + "?kind=training"))
    assert mine.number in listed
    assert other.number not in listed
    address = reverse("subsidies:open") + "?kind=training"
    form = text_of(client.post(address, {"ids": [str(mine.pk), str(other.pk)]}))
    assert "已选 1 项" in form
    assert provider.name in form
    typed = {**TYPED, "account": a_card(), "payee": provider.pk, "to": "person"}
    client.post(address, {"picked": f"{mine.pk},{other.pk}", **typed})
    claim = Claim.objects.get()
    assert (claim.payee_organisation_id, claim.payee_person_id, claim.person_id) == (provider.pk, None, mine.person_id)
    assert claim.serial in page(client)
    stranger = signed_in(agent_of(scene.body, "training_provider"))
    assert client.get(reverse("subsidies:claim", args=[claim.uid])).status_code == 200
    assert stranger.get(reverse("subsidies:claim", args=[claim.uid])).status_code == 404
