from django.apps import AppConfig


class SupervisionConfig(AppConfig):
    name = "tongxing.supervision"
    label = "supervision"
