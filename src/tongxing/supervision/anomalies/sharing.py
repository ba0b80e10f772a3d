"""One bank account, telephone or address behind many claims. Accounts and telephones are compared by their digests, and never shown."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from tongxing.core.identifiers import squeeze
from tongxing.subsidies.models import Claim

from .hits import Hit
from .limits import Limits

ADVICE = "请补贴经办在预审页逐笔核实收款人与账户的关系；说不清的先不拨付，涉嫌冒领的转问题处理。"
WORDS = {"account": ("收款账号", "名收款人"), "phone": ("联系电话", "名申请人"), "address": ("登记地址", "家收款单位")}


class Use(NamedTuple):
    """One claim: what it shares, who stands behind it."""

    area_id: int
    serial: str
    account: str
    payee: str
    person_id: int
    phone: str
    payee_organisation_id: int | None
    address: str


def find(uses: Iterable[Use], limits: Limits) -> list[Hit]:
    rows = list(uses)
    kinds = (
        ("account", [(row.account, row.payee, row) for row in rows], limits.account_people),
        ("phone", [(row.phone, str(row.person_id), row) for row in rows], limits.phone_people),
        (
            "address",
            [(row.address, str(row.payee_organisation_id), row) for row in rows if row.payee_organisation_id],
            limits.address_payees,
        ),
    )
    return [hit for kind, held, least in kinds for hit in _shared(kind, held, least)]


def _shared(kind: str, held: Iterable[tuple[str, str, Use]], least: int) -> Iterable[Hit]:
    groups: dict[str, list[tuple[str, Use]]] = defaultdict(list)
    for value, who, row in held:
        if value:
            groups[value].append((who, row))
    what, whose = WORDS[kind]
    for value, members in groups.items():
        people = {who for who, _ in members}
        if len(people) >= least:
            serials = sorted(row.serial for _, row in members)
            named = "、".join(serials[:5]) + (f" 等 {len(serials)} 笔" if len(serials) > 5 else "")
            text = f"{len(people)} {whose}用同一个{what}，涉及补贴申请 {named}。"
            figures = {"人数": len(people), "申请": len(serials), "受理号": serials[:20]}
            # An address is no digest: it is shortened so that it fits.
            yield Hit(kind, value[:80], members[0][1].area_id, None, text, ADVICE, figures)


def load(since: date) -> list[Use]:
    """One query."""
    rows = Claim.objects.standing().filter(claimed_on__gte=since).order_by("pk")
    fields = rows.values_list(
        "area_id",
        "serial",
        "account_index",
        "payee_person_id",
        "payee_organisation_id",
        "person_id",
        "person__phone_index",
        "payee_organisation__address",
    )
    return [
        Use(area, serial, account, f"{payee}/{firm}", person, phone, firm, squeeze(address or ""))
        for area, serial, account, payee, firm, person, phone, address in fields
    ]
