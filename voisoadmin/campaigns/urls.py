from django.urls import path

from voisoadmin.campaigns.bulk import views as bulk
from voisoadmin.campaigns.pages import views

app_name = "campaigns"
urlpatterns = [
    path("", views.board, name="board"),
    path("board/", views.board_parts, name="board_parts"),
    path("looking/", views.looking, name="looking"),
    path("connections/<int:pk>/try/", views.try_now, name="try_now"),
    path("bulk/selected/", bulk.select_all, name="bulk_all"),
    path("bulk/<int:pk>/", bulk.result, name="bulk"),
    path("bulk/<int:pk>/cancel/", bulk.cancel, name="bulk_cancel"),
    path("bulk/<int:pk>/retry/", bulk.retry, name="bulk_retry"),
    path("campaigns/<int:pk>/", views.detail, name="detail"),
    path("campaigns/<int:pk>/parts/", views.parts, name="parts"),
    path("campaigns/<int:pk>/states/", views.day, name="day"),
    path("campaigns/<int:pk>/timeline/", views.timeline, name="timeline"),
    path("campaigns/<int:pk>/activity/", views.activity, name="activity"),
]
