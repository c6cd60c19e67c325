from django.urls import path

from voisoadmin.site import frame

app_name = "runtime"
urlpatterns = [
    path("last-answers/", frame.last_answers, name="last_answers"),
]
