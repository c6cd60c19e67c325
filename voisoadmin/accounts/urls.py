from django.urls import path

from voisoadmin.accounts import views
from voisoadmin.accounts.roles import open_to_viewers

app_name = "accounts"
urlpatterns = [
    path("sign-in/", open_to_viewers(views.SignIn.as_view()), name="sign_in"),
    path("sign-out/", open_to_viewers(views.SignOut.as_view()), name="sign_out"),
    path("password/", views.password, name="password"),
    path("stay/", views.stay, name="stay"),
    path("theme/", views.theme, name="theme"),
    path("users/", views.users, name="users"),
    path("users/new/", views.user_new, name="user_new"),
    path("users/<int:pk>/", views.user_edit, name="user_edit"),
]
