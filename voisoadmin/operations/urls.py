from django.urls import path

from voisoadmin.operations import views

app_name = "operations"
urlpatterns = [
    path("activity/", views.activity, name="list"),
    path("campaigns/<int:pk>/activity/", views.of_campaign, name="of_campaign"),
]
