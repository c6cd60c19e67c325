from django.urls import path

from voisoadmin.runtime import shell, views

app_name = "runtime"
urlpatterns = [
    path("contact/", shell.contact, name="contact"),
    path("health", views.health, name="health"),
    path("ready", views.ready, name="ready"),
]
