from django.urls import path

from voisoadmin.campaigns.pages import views

app_name = "campaigns"
urlpatterns = [
    path("", views.board, name="board"),
    path("looking/", views.looking, name="looking"),
    path("connections/<int:pk>/try/", views.try_now, name="try_now"),
    path("campaigns/<int:pk>/", views.detail, name="detail"),
    path("campaigns/<int:pk>/parts/", views.parts, name="parts"),
    path("campaigns/<int:pk>/states/", views.day, name="day"),
    path("campaigns/<int:pk>/timeline/", views.timeline, name="timeline"),
    path("campaigns/<int:pk>/activity/", views.activity, name="activity"),
]
