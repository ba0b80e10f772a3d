"""Photos of a visit: taken in without metadata, stored sealed, opened only for those who may, each opening noted."""

from uuid import UUID

from django.core.files.base import File
from django.db import transaction

from tongxing.audit.log import Actor, record
from tongxing.core.errors import Refused
from tongxing.files import store
from tongxing.files.images import cleaned
from tongxing.files.models import StoredFile

from .models import Photo, Visit, VisitItem, VisitState
from .rules import can_fill, can_open_photos, insist

PURPOSE = "supervision.photo"
MOST_PHOTOS, MOST_BYTES = 60, 15 * 1024 * 1024


@transaction.atomic
def attach(visit: Visit, *, by: Actor, upload: "File[bytes]", client: UUID, item: VisitItem | None = None) -> Photo:
    """Keep a picture; the same picture sent twice (a poor line) is kept once."""
    row = Visit.objects.select_for_update(of=("self",)).get(pk=visit.pk)
    insist(can_fill(by, row))
    if known := row.photos.filter(client=client).first():
        return known
    if row.state not in {VisitState.BEGUN, VisitState.SIGNED}:
        raise Refused(f"检查 {row.code} 现在是“{row.get_state_display()}”，不能再加照片。", code="wrong_state")
    if item and item.visit_id != row.pk:
        raise Refused("检查项目不属于这次检查。请刷新页面。", code="other_visit")
    if row.photos.count() >= MOST_PHOTOS:
        raise Refused(f"一次检查最多 {MOST_PHOTOS} 张照片。", code="too_many")
    if (upload.size or 0) > MOST_BYTES:
        raise Refused("照片超过 15 MB。请在相机设置里调小尺寸后重拍。", code="file_too_large")
    content, ending = cleaned(upload.read())
    stored = store.keep(
        content, name=f"{row.code}-{client.hex[:8]}.{ending}", purpose=PURPOSE, by=by, area_code=row.area_id, opens_with="supervision.plans"
    )
    photo = Photo.objects.create(visit=row, item=item, client=client, file_id=stored.pk, added_by=by.display_name[:60])
    record("supervision.attach", by=by, of=row, after={"item": item.key if item else "", "sha256": stored.sha256})
    return photo


@transaction.atomic
def open_photo(photo: Photo, *, by: Actor) -> StoredFile:
    """The picture, for somebody who may see it; leaves a read entry."""
    insist(can_open_photos(by, photo.visit))
    stored = StoredFile.objects.filter(pk=photo.file_id).first()
    if stored is None:
        raise Refused("这张照片已不在了。", code="no_file", status=404)
    record("supervision.open_photo", by=by, of=photo.visit, after={"sha256": stored.sha256})
    return stored
