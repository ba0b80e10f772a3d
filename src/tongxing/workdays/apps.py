from django.apps import AppConfig


class WorkdaysConfig(AppConfig):
    name = "tongxing.workdays"
    label = "workdays"
