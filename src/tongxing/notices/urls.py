from django.urls import path

from . import views

app_name = "notices"
urlpatterns = [
    path("", views.inbox, name="inbox"),
    path("counter/", views.counter, name="counter"),
    path("read-all/", views.read_all, name="read-all"),
    path("<int:notice_id>/follow/", views.follow, name="follow"),
    path("<int:notice_id>/finish/", views.finish, name="finish"),
    path("outbox/", views.outbox, name="outbox"),
    path("outbox/<int:letter_id>/", views.letter, name="letter"),
    path("outbox/<int:letter_id>/resend/", views.resend, name="resend"),
]
