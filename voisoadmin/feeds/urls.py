from django.urls import path

from voisoadmin.feeds import api
from voisoadmin.feeds.pages import feed_views

app_name = "feeds"
urlpatterns = [
    path("api/v1/feeds/<slug:public_id>/leads", api.leads, name="leads"),
    path("api/v1/feeds/<slug:public_id>/requests/<int:pk>", api.status, name="status"),
    path("feeds/", feed_views.feed_list, name="list"),
    path("feeds/new/", feed_views.new, name="new"),
    path("feeds/openapi.json", feed_views.openapi, name="openapi"),
    path("feeds/<int:pk>/", feed_views.detail, name="detail"),
    path("feeds/<int:pk>/edit/", feed_views.edit, name="edit"),
    path("feeds/<int:pk>/pause/", feed_views.pause, name="pause"),
    path("feeds/<int:pk>/resume/", feed_views.resume, name="resume"),
    path("feeds/<int:pk>/cancel/", feed_views.cancel, name="cancel"),
    path("feeds/<int:pk>/token/", feed_views.token, name="token"),
    path("feeds/<int:pk>/revoke/", feed_views.revoke, name="revoke"),
]
