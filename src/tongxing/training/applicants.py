"""From a name and a document number to the person: found in the register, or entered there (notice:3.1.3 takes in whoever wants to join)."""

from django.db import transaction

from tongxing.areas.models import Area
from tongxing.audit.log import Actor, SystemActor
from tongxing.core.errors import Refused
from tongxing.core.values import clean_text
from tongxing.registry.identity import clean_document
from tongxing.registry.models import Person
from tongxing.registry.models.people import IdType
from tongxing.registry.people import holder_of, register_person


@transaction.atomic
def person_for(*, by: Actor, area: Area, name: str, id_number: str, id_type: str = IdType.RESIDENT, phone: str = "") -> Person:
    """Who stands in the register under this document; somebody unknown is entered in `area`. Refused where the name is another.

    Whoever runs a class need not keep the register, so the register is asked in the name of the class; the log names the person who did it.
    """
    number = clean_document(id_type, id_number).number
    found = holder_of(number)
    if found is None:
        entering = SystemActor(by.display_name, by.pk, by.acting_for)
        return register_person(by=entering, area=area, name=name, id_type=id_type, id_number=number, phone=phone)
    if found.name != clean_text(name, longest=64):
        raise Refused("姓名与这个证件号在登记册中的姓名不一致，请对照证件核对姓名和号码。", code="name_differs", status=422)
    return found
