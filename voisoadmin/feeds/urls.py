from django.urls import path

from voisoadmin.feeds import api

app_name = "feeds"
urlpatterns = [
    path("api/v1/feeds/<str:public_id>/leads", api.leads, name="leads"),
    path("api/v1/feeds/<str:public_id>/requests/<int:pk>", api.status, name="status"),
]
