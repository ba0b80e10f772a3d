from django.apps import AppConfig


class CompetitionsConfig(AppConfig):
    name = "tongxing.competitions"
    label = "competitions"
