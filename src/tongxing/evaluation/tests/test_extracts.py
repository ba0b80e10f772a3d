"""Photos and extracts of an issued batch."""

from io import BytesIO
from types import SimpleNamespace

from django.core.files.uploadedfile import SimpleUploadedFile
from pypdf import PdfReader

from tongxing.audit.log import COMMAND_LINE
from tongxing.credentials.photos import photos_of
from tongxing.credentials.tests.scene import BASE, a_picture
from tongxing.evaluation import applying, checking, extracts, issuing
from tongxing.evaluation.models import Candidate

from .world import a_batch, a_filing, an_application, past_notice, refused_code


def test_photos_are_taken_from_the_applications_once_and_printed(jiyuan: SimpleNamespace) -> None:
    batch = a_batch(a_filing(jiyuan.county))
    first, second, third = (an_application(batch, accepted=False) for _ in range(3))
    for one, content in ((first, a_picture()), (second, a_picture(120, 160))):
        applying.attach(one, by=COMMAND_LINE, kind="photo", upload=SimpleUploadedFile("照片.png", content))
    for one in (first, second, third):
        checking.accept(one, by=COMMAND_LINE, note="对照标准原件核过")
    batch = past_notice(batch)
    assert refused_code(lambda: extracts.print_batch(batch, base=BASE, by=COMMAND_LINE)) == "nothing_issued"
    issuing.issue(batch, by=COMMAND_LINE)
    taken = extracts.take_photos(batch, by=COMMAND_LINE)
    assert taken.photos == 1
    assert "像素" in taken.refused[0]
    assert set(photos_of([first.person_id, second.person_id, third.person_id])) == {first.person_id}
    again = extracts.take_photos(batch, by=COMMAND_LINE)
    assert (again.photos, len(again.refused)) == (0, 1)
    made = PdfReader(BytesIO(extracts.print_batch(batch, base=BASE, by=COMMAND_LINE)))
    assert [len(page.images) for page in made.pages] == [1, 0, 0]
    assert Candidate.objects.filter(batch=batch, certificate__isnull=False).count() == 3
