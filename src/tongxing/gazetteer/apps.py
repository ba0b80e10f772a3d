from django.apps import AppConfig


class GazetteerConfig(AppConfig):
    name = "tongxing.gazetteer"
    label = "gazetteer"
