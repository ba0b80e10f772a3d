"""Contacts of an organisation beside the main one, and showing a contact's phone in clear with a reason."""

import uuid

from django.core.exceptions import ValidationError
from django.db import transaction

from tongxing.audit.log import Actor, record
from tongxing.core.errors import Refused
from tongxing.core.identifiers import clean_phone
from tongxing.core.values import clean_text
from tongxing.core.vault import mask

from .models.fields import VaultColumn
from .models.organisations import Organisation, OrganisationContact
from .rules import can_edit_organisation, can_reveal_contact, insist

MOST = 10


@transaction.atomic
def add_contact(organisation: Organisation, *, by: Actor, name: str, job: str = "", phone: str = "") -> OrganisationContact:
    """One more contact; at most ten. Raises ValidationError for a name or phone that is none."""
    insist(can_edit_organisation(by, organisation))
    name, number = clean_text(name, longest=60), clean_phone(phone) if phone else ""
    if not name:
        raise ValidationError({"name": "请填写姓名。"})
    if organisation.contacts.count() >= MOST:
        raise Refused(f"最多登记 {MOST} 位联系人。请先删除不再使用的联系人。", code="too_many_contacts")
    contact = OrganisationContact(uid=uuid.uuid4(), organisation=organisation, name=name, job=clean_text(job, longest=60))
    contact.phone_sealed = VaultColumn.sealed_for(OrganisationContact, "phone_sealed", contact.uid, number)
    contact.save(force_insert=True)
    record("registry.add_contact", by=by, of=organisation, after={"contacts": [f"{name} {contact.job} {mask(number, 3, 4)}".strip()]})
    return contact


@transaction.atomic
def remove_contact(contact: OrganisationContact, *, by: Actor) -> None:
    """Personal data that is no longer needed goes; the log keeps the name and the masked number."""
    insist(can_edit_organisation(by, contact.organisation))
    before = {"contacts": [f"{contact.name} {contact.job} {contact.phone_masked}".strip()]}
    record("registry.remove_contact", by=by, of=contact.organisation, before=before)
    contact.delete()


@transaction.atomic
def reveal_contact_phones(organisation: Organisation, *, by: Actor, reason: str) -> list[tuple[str, str]]:
    """Names and plain phone numbers of all contacts; leaves the entry "registry.reveal" with the reason, not with the numbers."""
    insist(can_reveal_contact(by, organisation))
    if len(reason.strip()) < 2:
        raise Refused("查看完整电话需要写明用途，例如“通知参加培训”。", code="reason_missing")
    record("registry.reveal", by=by, of=organisation, after={"field": "联系电话"}, reason=reason.strip())
    main = [(organisation.contact_name or "联系人", organisation.contact_phone)] if organisation.contact_phone_sealed else []
    return main + [(contact.name, contact.phone) for contact in organisation.contacts.all() if contact.phone_sealed]
