from django.apps import AppConfig


class PolicyConfig(AppConfig):
    name = "tongxing.policy"
    label = "policy"
