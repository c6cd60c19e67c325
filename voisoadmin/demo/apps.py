from django.apps import AppConfig


class DemoConfig(AppConfig):
    name = "voisoadmin.demo"
    label = "demo"
