"""Indexes that migrations took away are gone, and what they served is still answered by one."""

import pytest
from django.db import connection

GONE = {
    "registry_coordinator": "registry_coordinator_area_id_8125a139",
    "registry_statusperiod": "registry_statusperiod_coordinator_id_56552d7b",
    "registry_posting": "registry_posting_organisation_id_598ecb2c",
    "registry_assignment": "registry_assignment_organisation_id_43f1bf99",
    "registry_organisation": "registry_organisation_name_key_96448a0b_like",
    "registry_person": "registry_person_id_index_bde46490_like",
    "certificates_certificate": "certificates_certificate_person_id_92917412",
    "sheets_line": "sheets_line_batch_id_462aa561",
    "sheets_chunk": "sheets_chunk_batch_id_10a4b9d9",
}
ASKED = {
    "registry_coordinator": "area_id",
    "registry_statusperiod": "coordinator_id",
    "registry_posting": "organisation_id",
    "registry_assignment": "organisation_id",
    "registry_organisation": "name_key",
    "registry_person": "id_index",
    "certificates_certificate": "person_id",
    "sheets_line": "batch_id",
    "sheets_chunk": "batch_id",
}


@pytest.mark.django_db
@pytest.mark.parametrize("table", GONE)
def test_an_index_that_was_taken_away_is_gone_and_its_column_still_begins_another(table: str) -> None:
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, table)
    assert GONE[table] not in found
    assert [name for name, facts in found.items() if (facts["index"] or facts["unique"]) and facts["columns"][:1] == [ASKED[table]]]
