"""Usernames that differ only in case become one spelling. Where two accounts would share it, one gets a number."""

import logging
import unicodedata

from django.db import migrations

import voisoadmin.accounts.usernames
import django.contrib.auth.validators

logger = logging.getLogger("voisoadmin.accounts")

LONGEST = 150


def fold(username):
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", username).casefold())


def fold_all(apps, schema_editor):
    User = apps.get_model("accounts", "User")
    groups = {}
    for user in User.objects.all():
        groups.setdefault(fold(user.username)[:LONGEST], []).append(user)
    taken = set(groups) | set(User.objects.values_list("username", flat=True))
    for name, users in groups.items():
        # The account that is used keeps the name: active, then the latest sign-in, then the oldest.
        users.sort(key=lambda user: (not user.is_active, -(user.last_login.timestamp() if user.last_login else 0), user.pk))
        number = 1
        for user in users[1:]:
            while True:
                number += 1
                new = f"{name[: LONGEST - len(str(number)) - 1]}-{number}"
                if new not in taken:
                    break
            taken.add(new)
            logger.warning(
                "Usernames no longer differ by upper and lower case. %s and %s were two: %s now signs in as %s, with the "
                "same password.", users[0].username, user.username, user.username, new,
            )
            User.objects.filter(pk=user.pk).update(username=new)
    for name, users in groups.items():
        User.objects.filter(pk=users[0].pk).update(username=name)


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0001_initial'),
    ]

    operations = [
        migrations.RunPython(fold_all, migrations.RunPython.noop, elidable=False),
        migrations.AlterField(
            model_name='user',
            name='username',
            field=voisoadmin.accounts.usernames.UsernameField(error_messages={'unique': 'This username is taken.'}, max_length=150, unique=True, validators=[django.contrib.auth.validators.UnicodeUsernameValidator()]),
        ),
    ]
