from django.urls import path

from voisoadmin.operations import views

app_name = "operations"
urlpatterns = [
    path("activity/", views.activity, name="list"),
    path("activity/download.csv", views.export, name="download"),
]
