from django.apps import AppConfig


class SubsidiesConfig(AppConfig):
    name = "tongxing.subsidies"
    label = "subsidies"
