"""The access matrix of the register: both sides' rows."""

from tongxing.core.tests.matrix import Row

from .access_organisations import ACCESS as ORGANISATIONS
from .access_people import ACCESS as PEOPLE

ACCESS: dict[str, Row] = {**ORGANISATIONS, **PEOPLE}
