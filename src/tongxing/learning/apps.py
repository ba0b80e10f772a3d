from django.apps import AppConfig


class LearningConfig(AppConfig):
    name = "tongxing.learning"
    label = "learning"
