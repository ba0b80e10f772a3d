from django.urls import path

from tongxing.core.listing import list_view

from . import views
from .lists import Inbox, Outbox

app_name = "notices"
urlpatterns = [
    path("", list_view(Inbox), name="inbox"),
    path("counter/", views.counter, name="counter"),
    path("read-all/", views.read_all, name="read-all"),
    path("<int:notice_id>/follow/", views.follow, name="follow"),
    path("<int:notice_id>/finish/", views.finish, name="finish"),
    path("read/", views.read_many, name="read-many"),
    path("finish/", views.finish_many, name="finish-many"),
    path("outbox/", list_view(Outbox), name="outbox"),
    path("outbox/resend/", views.resend_many, name="resend-many"),
    path("outbox/<int:letter_id>/", views.letter, name="letter"),
    path("outbox/<int:letter_id>/resend/", views.resend, name="resend"),
]
