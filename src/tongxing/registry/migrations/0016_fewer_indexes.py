import django.db.models.deletion
from django.db import migrations, models

from tongxing.core.indexes import without_index, without_patterns


class Migration(migrations.Migration):
    """Each of these indexes is the beginning of a wider one, or serves a question that nobody asks; every import paid for it."""

    dependencies = [("areas", "0001_initial"), ("registry", "0015_past_make_up")]

    operations = [
        without_index(
            "coordinator",
            "area",
            models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="areas.area", verbose_name="所属镇街"
            ),
            "registry_coordinator_area_id_8125a139",
            "registry_coordinator (area_id)",
        ),
        without_index(
            "statusperiod",
            "coordinator",
            models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="status_periods", to="registry.coordinator"
            ),
            "registry_statusperiod_coordinator_id_56552d7b",
            "registry_statusperiod (coordinator_id)",
        ),
        without_index(
            "posting",
            "organisation",
            models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="postings",
                to="registry.organisation",
                verbose_name="单位",
            ),
            "registry_posting_organisation_id_598ecb2c",
            "registry_posting (organisation_id)",
        ),
        without_index(
            "assignment",
            "organisation",
            models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="assignments",
                to="registry.organisation",
                verbose_name="企业",
            ),
            "registry_assignment_organisation_id_43f1bf99",
            "registry_assignment (organisation_id)",
        ),
        without_patterns(
            ("registry_organisation_credit_code_effa9452_like", "registry_organisation (credit_code)"),
            ("registry_organisation_name_key_96448a0b_like", "registry_organisation (name_key)"),
            ("registry_person_id_index_bde46490_like", "registry_person (id_index)"),
            ("registry_coordinator_host_kind_83a3b714_like", "registry_coordinator (host_kind)"),
        ),
    ]
