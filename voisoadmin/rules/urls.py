from django.urls import path

from voisoadmin.rules.pages import notices, views

app_name = "rules"
urlpatterns = [
    path("rules/", views.rule_list, name="list"),
    path("rules/new/", views.new, name="new"),
    path("rules/notices/read/", notices.read, name="read_notices"),
    path("rules/log/", views.log, name="log"),
    path("rules/<int:pk>/", views.detail, name="detail"),
    path("rules/<int:pk>/edit/", views.edit, name="edit"),
    path("rules/<int:pk>/turn-on/", views.turn_on, name="turn_on"),
    path("rules/<int:pk>/switch/", views.switch, name="switch"),
    path("rules/<int:pk>/delete/", views.remove, name="remove"),
    path("campaigns/<int:pk>/rules/start-again/", views.let_start, name="let_start"),
    path("campaigns/<int:pk>/rules/keep-running/", views.keep_running, name="keep_running"),
    path("campaigns/<int:pk>/rules/", views.of_campaign, name="of_campaign"),
]
