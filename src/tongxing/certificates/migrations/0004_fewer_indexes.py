import django.db.models.deletion
from django.db import migrations, models

from tongxing.core.indexes import without_index


class Migration(migrations.Migration):
    """The certificates of a person are found by a wider index; bodies and successors are named by few certificates."""

    dependencies = [("certificates", "0003_list_indexes"), ("registry", "0016_fewer_indexes")]

    operations = [
        without_index(
            "certificate",
            "person",
            models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="registry.person",
                verbose_name="持证人",
            ),
            "certificates_certificate_person_id_92917412",
            "certificates_certificate (person_id)",
        ),
        without_index(
            "certificate",
            "body",
            models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="registry.organisation",
                verbose_name="评价机构（登记）",
            ),
            "certificates_certificate_body_id_aabc699d",
            "certificates_certificate (body_id)",
        ),
        without_index(
            "certificate",
            "replaced_by",
            models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="certificates.certificate",
                verbose_name="换发为",
            ),
            "certificates_certificate_replaced_by_id_fc2bd187",
            "certificates_certificate (replaced_by_id)",
        ),
        migrations.AddIndex(
            "certificate", models.Index(condition=models.Q(("body__isnull", False)), fields=["body"], name="certificates_body")
        ),
        migrations.AddIndex(
            "certificate",
            models.Index(condition=models.Q(("replaced_by__isnull", False)), fields=["replaced_by"], name="certificates_replaced"),
        ),
    ]
