"""Sheets that also those load who act for one organisation: a body its applications and scores, a body or provider its claims."""

from tongxing.core.errors import Refused
from tongxing.registry.models import Organisation
from tongxing.sheets.sheet import Sheet


class OwnSheet(Sheet):
    """The batch of an organisation stands under its area, where its officers see it. `judge` holds every row against `covers`."""

    by_organisation = True

    @classmethod
    def home_of(cls, organisations: frozenset[int]) -> int:
        area = Organisation.objects.filter(pk__in=organisations).order_by("pk").values_list("area_id", flat=True).first()
        if area is None:
            raise Refused("您所代表的单位已不在登记中，不能导入。请联系所属区划的人社部门。", code="forbidden", status=403)
        return area
