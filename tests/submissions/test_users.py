"""Back, a change, and Save: for an administrator in the forms of users, and for a user in the password form."""

import uuid

import pytest
from django.urls import reverse

from tests.submissions.posting import SENT_BEFORE, at_once, refused, said, same
from tests.support.markup import markup
from voisoadmin.accounts.models import User
from voisoadmin.operations.models import Operation
from voisoadmin.submissions.models import Submission

PASSWORD = "correct horse battery"
NEW_PASSWORD = "staple paper sunshine"


@pytest.fixture
def signed_in(client, ada):
    client.force_login(ada)
    return client


def new_user(**changes):
    fields = {"username": "jonas", "first_name": "Jonas", "role": "supervisor", "password": NEW_PASSWORD}
    return {**fields, "client_token": uuid.uuid4(), **changes}


def user_form(user, **changes):
    fields = {"username": user.username, "first_name": user.first_name, "last_name": user.last_name, "is_active": "on"}
    return {**fields, "role": user.role, "password": "", "client_token": uuid.uuid4(), **changes}


@pytest.mark.django_db
def test_a_form_that_is_sent_twice_has_one_effect_and_the_same_answer(signed_in):
    form = new_user()

    first = signed_in.post(reverse("accounts:user_new"), form)
    again = signed_in.post(reverse("accounts:user_new"), form)

    assert same(first, again)
    assert said(again)[-1] == "Jonas saved."
    assert User.objects.filter(username="jonas").count() == Operation.objects.count() == 1


@pytest.mark.django_db
def test_other_values_are_not_saved_but_kept_in_the_form(signed_in, ines):
    form = user_form(ines, first_name="Inês")
    address = reverse("accounts:user_edit", args=[ines.pk])
    signed_in.post(address, form)

    again = signed_in.post(address, form | {"role": "administrator", "password": NEW_PASSWORD})

    page = refused(again, SENT_BEFORE)
    assert 'value="administrator" selected' in page
    assert str(form["client_token"]) not in page
    ines.refresh_from_db()
    assert (ines.first_name, ines.role) == ("Inês", "supervisor")
    assert ines.check_password(PASSWORD)
    assert Operation.objects.count() == 1


@pytest.mark.django_db
def test_saving_once_more_with_the_new_token_applies_them(signed_in, ines):
    form = user_form(ines)
    address = reverse("accounts:user_edit", args=[ines.pk])
    signed_in.post(address, form | {"first_name": "Inês"})
    again = signed_in.post(address, form | {"role": "administrator"})
    token = markup(again).partition('name="client_token" value="')[2][:36]

    saved = signed_in.post(address, form | {"role": "administrator", "client_token": token})

    assert saved.status_code == 302
    ines.refresh_from_db()
    assert ines.role == "administrator"
    assert Operation.objects.count() == 2, "each change is in the activity"


@pytest.mark.django_db
def test_the_token_of_a_form_that_was_refused_is_as_good_as_new(signed_in, ines):
    form = user_form(ines)
    address = reverse("accounts:user_edit", args=[ines.pk])
    assert signed_in.post(address, form | {"username": ""}).status_code == 422

    assert signed_in.post(address, form | {"first_name": "Inês"}).status_code == 302

    ines.refresh_from_db()
    assert ines.first_name == "Inês"


@pytest.mark.django_db
@pytest.mark.parametrize("token", ["", "no token", "0" * 40])
def test_a_token_that_is_none_is_refused_in_words_or_guards_nothing(signed_in, ines, token):
    answer = signed_in.post(reverse("accounts:user_edit", args=[ines.pk]), user_form(ines, client_token=token))

    assert answer.status_code == (422 if token else 302)
    assert not token or "This form was incomplete" in markup(answer)


@pytest.mark.django_db
def test_a_token_of_another_form_or_person_is_refused_in_words(client, ada, ines, omar):
    client.force_login(ada)
    form = user_form(ines, first_name="Inês")
    client.post(reverse("accounts:user_edit", args=[ines.pk]), form)

    refused(client.post(reverse("accounts:user_edit", args=[omar.pk]), form), "another page or person")
    refused(client.post(reverse("accounts:user_new"), new_user(client_token=form["client_token"])), "another page or person")
    client.force_login(User.objects.create_superuser("root", password=PASSWORD))
    refused(client.post(reverse("accounts:user_edit", args=[ines.pk]), form), "another page or person")

    omar.refresh_from_db()
    assert omar.first_name == "Omar"
    assert Operation.objects.count() == 1


@pytest.mark.django_db
def test_nothing_of_what_was_typed_is_kept_with_the_token(signed_in):
    signed_in.post(reverse("accounts:user_new"), new_user())
    signed_in.post(reverse("accounts:user_new"), new_user(username="rosa"))

    kept = [str(vars(submission)) for submission in Submission.objects.all()]

    assert len({submission.content for submission in Submission.objects.all()}) == 2
    assert not any(NEW_PASSWORD in text or "supervisor" in text for text in kept)


@pytest.mark.django_db
def test_a_password_that_was_changed_is_not_changed_again(client, ines):
    client.force_login(ines)
    form = {
        "old_password": PASSWORD,
        "new_password1": NEW_PASSWORD,
        "new_password2": NEW_PASSWORD,
        "client_token": uuid.uuid4(),
    }
    first = client.post(reverse("accounts:password"), form)

    again = client.post(reverse("accounts:password"), form)
    other = client.post(reverse("accounts:password"), form | {"new_password1": "x" * 20, "new_password2": "x" * 20})

    assert same(first, again)
    refused(other, SENT_BEFORE)
    ines.refresh_from_db()
    assert ines.check_password(NEW_PASSWORD)
    assert Operation.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_twenty_parallel_posts_add_one_user(ada):
    answers = at_once(ada, reverse("accounts:user_new"), new_user())

    assert {(answer.status_code, *said(answer)) for answer in answers} == {(302, "Jonas saved.")}
    assert User.objects.filter(username="jonas").count() == Operation.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_parallel_posts_with_other_values_one_is_saved_and_the_others_say_so(ada, ines):
    token = uuid.uuid4()
    forms = [user_form(ines, first_name=f"Ines {number}", client_token=token) for number in range(20)]

    answers = at_once(ada, reverse("accounts:user_edit", args=[ines.pk]), *forms)

    assert sorted(answer.status_code for answer in answers) == [302] + [422] * 19
    saved = next(number for number, answer in enumerate(answers) if answer.status_code == 302)
    ines.refresh_from_db()
    assert ines.first_name == f"Ines {saved}"
    assert Operation.objects.count() == 1
