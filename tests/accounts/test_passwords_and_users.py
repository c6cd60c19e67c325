import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from tests.support.markup import markup
from voisoadmin.accounts.models import User
from voisoadmin.operations.models import Operation

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse battery"
NEW_PASSWORD = "staple paper sunshine"
USERS = reverse("accounts:users")


def form_of(user: User, **changes: object) -> dict[str, object]:
    fields = {
        "username": user.username,
        "first_name": user.first_name,
        "last_name": user.last_name,
        "email": user.email,
        "role": user.role,
        "is_active": "on" if user.is_active else "",
        "password": "",
    }
    return {name: value for name, value in (fields | changes).items() if value != "" or name == "password"}


def test_changing_ones_password_ends_ones_other_sessions(client, ines):
    client.force_login(ines)
    elsewhere = Client()
    elsewhere.force_login(ines)

    response = client.post(
        reverse("accounts:password"),
        {"old_password": PASSWORD, "new_password1": NEW_PASSWORD, "new_password2": NEW_PASSWORD},
    )

    assert response.status_code == 302
    ines.refresh_from_db()
    assert ines.check_password(NEW_PASSWORD)
    assert client.get(reverse("accounts:password")).status_code == 200
    assert elsewhere.get(reverse("accounts:password")).status_code == 302
    operation = Operation.objects.get()
    assert (operation.kind, operation.by, operation.subject_id) == (Operation.Kind.SAVE_USER, ines, ines.pk)
    assert NEW_PASSWORD not in str(operation.result) + str(operation.request)


@pytest.mark.parametrize(
    "fields",
    [
        {"old_password": "wrong", "new_password1": NEW_PASSWORD, "new_password2": NEW_PASSWORD},
        {"old_password": PASSWORD, "new_password1": "short", "new_password2": "short"},
        {"old_password": PASSWORD, "new_password1": NEW_PASSWORD, "new_password2": "another one entirely"},
    ],
)
def test_an_unsuitable_password_is_refused_with_a_reason(client, ines, fields):
    client.force_login(ines)

    response = client.post(reverse("accounts:password"), fields)

    assert response.status_code == 422
    assert 'class="err"' in markup(response)
    ines.refresh_from_db()
    assert ines.check_password(PASSWORD)


WEAK = {
    "eleven characters": "tramway9zoo",
    "one key held down": "é" * 12,
    "blanks": " " * 12,
    "only digits": "839201746635",
    "a common one": "1qaz2wsx3edc",
    "the product's name": "VoisoAdmin2026",
    "the username, repeated": "malmalmalmal",
    "both names": "Malte Svensson1",
    "the email address": "m.svensson@example.com",
    "a name and the product": "svensson-voiso-26",
    "longer than anything that is hashed": "correct horse battery " * 50,
}


@pytest.mark.parametrize("password", WEAK.values(), ids=WEAK.keys())
def test_a_weak_password_is_refused_for_a_new_user_and_by_the_command(client, ada, password):
    client.force_login(ada)
    names = {"username": "mal", "first_name": "Malte", "last_name": "Svensson", "email": "m.svensson@example.com"}

    response = client.post(reverse("accounts:user_new"), {**names, "role": "supervisor", "password": password})

    assert response.status_code == 422
    assert 'class="err"' in response.text
    assert not User.objects.filter(username="mal").exists()
    with pytest.raises(ValidationError):
        validate_password(password, User(**names))


def test_a_passphrase_that_only_contains_a_short_name_is_taken(client, ada):
    client.force_login(ada)
    names = {"username": "bat", "first_name": "Bat", "last_name": "Horn", "role": "supervisor"}

    response = client.post(reverse("accounts:user_new"), {**names, "password": PASSWORD})

    assert response.status_code == 302


@pytest.mark.parametrize("old", ["", "wrong horse battery"])
def test_an_administrator_needs_the_old_password_for_a_new_one_of_their_own(client, ada, old):
    client.force_login(ada)
    page = reverse("accounts:user_edit", args=[ada.pk])

    response = client.post(page, form_of(ada, password=NEW_PASSWORD, old_password=old))

    assert response.status_code == 422
    assert "our current password." in response.text
    ada.refresh_from_db()
    assert ada.check_password(PASSWORD)
    assert not Operation.objects.filter(kind=Operation.Kind.SAVE_USER).exists()
    assert client.post(page, form_of(ada, password=NEW_PASSWORD, old_password=PASSWORD)).status_code == 302
    ada.refresh_from_db()
    assert ada.check_password(NEW_PASSWORD)
    assert client.get(page).status_code == 200, "this session continues"


def test_an_administrator_changes_everything_else_of_their_own_without_it(client, ada):
    client.force_login(ada)

    response = client.post(reverse("accounts:user_edit", args=[ada.pk]), form_of(ada, last_name="Berger"))

    assert response.status_code == 302
    ada.refresh_from_db()
    assert ada.last_name == "Berger"


def test_createsuperuser_creates_an_administrator(monkeypatch):
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", NEW_PASSWORD)

    call_command("createsuperuser", "--no-input", "--username=root", "--email=root@example.com")

    root = User.objects.get()
    assert root.role == User.Role.ADMINISTRATOR
    assert root.is_administrator


@pytest.mark.parametrize("path", [USERS, reverse("accounts:user_new"), reverse("accounts:user_edit", args=[1])])
def test_the_users_page_does_not_exist_for_supervisors(client, ines, path):
    client.force_login(ines)

    assert client.get(path).status_code == 404
    assert client.post(path, form_of(ines, role="administrator")).status_code in {404, 405}
    ines.refresh_from_db()
    assert ines.role == User.Role.SUPERVISOR


def test_an_administrator_sees_all_users(client, ada, ines):
    client.force_login(ada)

    text = markup(client.get(USERS))

    assert "Ines Sousa" in text
    assert "Ada Berg" in text


def test_an_administrator_adds_a_user_and_the_audit_trail_names_both(client, ada):
    client.force_login(ada)

    response = client.post(
        reverse("accounts:user_new"),
        {"username": "jonas", "first_name": "Jonas", "last_name": "Weber", "role": "supervisor", "password": NEW_PASSWORD},
    )

    assert response.status_code == 302
    jonas = User.objects.get(username="jonas")
    assert jonas.check_password(NEW_PASSWORD)
    assert (jonas.is_active, jonas.is_superuser, jonas.is_staff, jonas.is_administrator) == (True, False, False, False)
    operation = Operation.objects.get()
    assert (operation.by, operation.subject_label, operation.status) == (ada, "Jonas Weber", Operation.Status.DONE)
    assert NEW_PASSWORD not in str(operation.result)


def test_a_forged_field_never_creates_a_superuser(client, ada):
    client.force_login(ada)

    client.post(
        reverse("accounts:user_new"),
        {"username": "jonas", "role": "supervisor", "password": NEW_PASSWORD, "is_superuser": "on", "is_staff": "on"},
    )

    jonas = User.objects.get(username="jonas")
    assert not jonas.is_superuser
    assert not jonas.is_staff


def test_a_new_password_by_an_administrator_ends_that_persons_sessions(client, ada, ines):
    theirs = Client()
    theirs.force_login(ines)
    client.force_login(ada)

    client.post(reverse("accounts:user_edit", args=[ines.pk]), form_of(ines, password=NEW_PASSWORD))

    assert theirs.get(reverse("accounts:password")).status_code == 302
    ines.refresh_from_db()
    assert ines.check_password(NEW_PASSWORD)


def test_a_deactivated_user_is_signed_out_at_once(client, ada, ines):
    theirs = Client()
    theirs.force_login(ines)
    client.force_login(ada)

    client.post(reverse("accounts:user_edit", args=[ines.pk]), form_of(ines, is_active=""))

    assert theirs.get(reverse("accounts:password")).status_code == 302
    ines.refresh_from_db()
    assert not ines.is_active


@pytest.mark.parametrize("changes", [{"role": "supervisor"}, {"is_active": ""}])
def test_the_last_active_administrator_stays(client, ada, changes):
    User.objects.create_user("former", password=PASSWORD, role=User.Role.ADMINISTRATOR, is_active=False)
    client.force_login(ada)

    response = client.post(reverse("accounts:user_edit", args=[ada.pk]), form_of(ada, **changes))

    assert response.status_code == 422
    assert "Ada Berg is the last active administrator." in markup(response)
    ada.refresh_from_db()
    assert ada.is_administrator
    assert not Operation.objects.exists()


def test_administrators_cannot_demote_themselves_but_can_demote_each_other(client, ada):
    other = User.objects.create_superuser("root", password=PASSWORD)
    client.force_login(ada)

    response = client.post(reverse("accounts:user_edit", args=[ada.pk]), form_of(ada, role="supervisor"))
    assert response.status_code == 422

    response = client.post(reverse("accounts:user_edit", args=[other.pk]), form_of(other, role="supervisor"))
    assert response.status_code == 302
    other.refresh_from_db()
    assert not other.is_superuser
    assert not other.is_administrator


def test_a_double_click_adds_one_user(client, ada):
    client.force_login(ada)
    fields = {"username": "jonas", "role": "supervisor", "password": NEW_PASSWORD}

    client.post(reverse("accounts:user_new"), fields)
    again = client.post(reverse("accounts:user_new"), fields)

    assert again.status_code == 422
    assert User.objects.filter(username="jonas").count() == 1
    assert Operation.objects.count() == 1


def test_hostile_names_are_text(client, ada):
    User.objects.create_user("x", password=PASSWORD, first_name="<script>alert(1)</script>", last_name='"><img src=x>')
    client.force_login(ada)

    text = markup(client.get(USERS))

    assert "<script>alert" not in text
    assert "<img src=x" not in text
