from django.apps import AppConfig


class TrainingConfig(AppConfig):
    name = "tongxing.training"
    label = "training"
