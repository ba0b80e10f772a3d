from django.apps import AppConfig


class EvaluationConfig(AppConfig):
    name = "tongxing.evaluation"
    label = "evaluation"
