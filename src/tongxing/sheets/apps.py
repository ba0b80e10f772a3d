from django.apps import AppConfig


class SheetsConfig(AppConfig):
    name = "tongxing.sheets"
    label = "sheets"
