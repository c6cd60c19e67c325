"""Contact centres: saving and removing them."""

from datetime import datetime

from django.db import IntegrityError, transaction

from voisoadmin.accounts.models import User
from voisoadmin.connections.families import forget
from voisoadmin.connections.models import Connection
from voisoadmin.connections.request_forms import COLUMNS
from voisoadmin.connections.signals import connection_removed
from voisoadmin.lib.zones import zone_named
from voisoadmin.operations.clicks import Click
from voisoadmin.operations.models import Operation
from voisoadmin.operations.services import record_done
from voisoadmin.voiso import Generation, check_key, normalise_base_url


class ConnectionRefused(Exception):
    """The connection can't be saved like this; the message explains it to an administrator."""


class KeyNeeded(ConnectionRefused):
    """The address was changed without entering a key."""


def save_connection(
    *,
    name: str,
    address: str,
    generation: str,
    key: str,
    user_key: str | None = None,
    time_zone: str | None = None,
    at: datetime,
    connection: Connection | None = None,
    by: User | None = None,
    by_label: str = "",
) -> Connection:
    """Save a new connection, or change the given one; an empty `key` keeps the stored one.

    `time_zone`: of its days and hours; None keeps the stored one.
    `user_key`: of the legacy API, for lookups; None keeps the stored one, an empty text removes it.
    `address`: a cluster ID, or a base URL. Raises UnusableAddress, UnusableKey (both ValueError) and ConnectionRefused. A
    connection that has listed campaigns keeps its contact centre, because their IDs mean nothing in another one; and a
    stored key is never sent to another address than the one it was given for.
    """
    fields: dict[str, str] = {
        "name": _checked_name(name),
        "base_url": normalise_base_url(address),
        "generation": Generation(generation),
        **_keys_of(generation, key, user_key, keeps_key=connection is not None),
    }
    if time_zone is not None:
        fields["time_zone"] = zone_named(time_zone)
    if connection is not None:
        _check_move(connection, fields["base_url"], new_key=bool(key))
    try:
        with transaction.atomic():
            saved = _write(connection, fields)
            record_done(
                Operation.Kind.SAVE_CONNECTION,
                saved.subject,
                Click(by=by, by_label=by_label, at=at),
                request=_for_the_activity(saved, connection, fields),
            )
    except IntegrityError:
        if Connection.objects.filter(name=fields["name"], removed_at=None).exists():
            raise ConnectionRefused(f"Another connection is already named {fields['name']}.") from None
        raise
    return saved


def remove_connection(connection: Connection, *, by: User, at: datetime) -> bool:
    """Take the connection out of use and delete its key. Its pushes are cancelled, because nothing can be sent without a
    key.

    Its campaigns and uploads stay in the database. Nothing in Voiso changes. False if it was removed before.
    """
    with transaction.atomic():
        # Send the signal first: outcome writers lock lane, then connection; the other order deadlocks.
        connection_removed.send(Connection, connection=connection, by=by, at=at)
        removed = Connection.objects.filter(pk=connection.pk, removed_at=None).update(removed_at=at, key="", user_key="")
        if removed:
            record_done(
                Operation.Kind.REMOVE_CONNECTION,
                connection.subject,
                Click(by=by, at=at),
                request={"name": connection.name, "base_url": connection.base_url},
            )
    return removed == 1


def _for_the_activity(saved: Connection, before: Connection | None, fields: dict[str, str]) -> dict[str, object]:
    return {
        "name": saved.name,
        "base_url": saved.base_url,
        "api": saved.generation,
        "new": before is None,
        "new_key": "key" in fields,
        **({"new_user_key": True} if fields.get("user_key") else {}),
        **_change_of_zone(before, fields),
        "keys": _changes_of_keys(before, fields),
    }


def _changes_of_keys(connection: Connection | None, fields: dict[str, str]) -> list[str]:
    """For the activity, without any part of a key."""
    found = ["new key"] if "key" in fields else []
    had_user_key = connection is not None and bool(connection.user_key)
    if fields.get("user_key"):
        found.append("new key of a user")
    elif "user_key" in fields and had_user_key:
        found.append("key of a user removed")
    return found


def _change_of_zone(connection: Connection | None, fields: dict[str, str]) -> dict[str, str]:
    before = connection.time_zone if connection else ""
    zone = fields.get("time_zone", before)
    return {} if zone == before else {"time_zone": zone}


def _keys_of(generation: str, key: str, user_key: str | None, *, keeps_key: bool) -> dict[str, str]:
    """The fields of the keys that change: only the legacy API has one of a user."""
    fields = {} if keeps_key and not key else _key_fields("key", check_key(key))
    if user_key is not None or generation == Generation.V4:
        used = user_key if user_key and generation == Generation.LEGACY else ""
        fields |= _key_fields("user_key", check_key(used) if used else "")
    return fields


def _key_fields(name: str, key: str) -> dict[str, str]:
    # The last four characters of a very short key would be all of it.
    return {name: key, f"{name}_last4": key[-4:] if len(key) >= 12 else ""}


def _write(connection: Connection | None, fields: dict[str, str]) -> Connection:
    if connection is None:
        return Connection.objects.create(**fields)
    changes: dict[str, object] = dict(fields)
    if changes["base_url"] != connection.base_url or changes["generation"] != connection.generation:
        changes |= dict.fromkeys(COLUMNS.values(), "")
    # The change may fix the problem; if not, the next request sets the hold again.
    changes |= {"held_kind": "", "held_reason": "", "held_until": None, "failures": 0, "holds": 0}
    row = Connection.objects.filter(pk=connection.pk, removed_at=None)
    if "key" not in fields:
        # Another administrator may have moved it, with another key, while this form was open.
        row = row.filter(base_url=connection.base_url)
    if row.update(**changes) != 1:
        raise ConnectionRefused("This connection was changed or removed meanwhile. Open it again.")
    moved = any(changes[name] != getattr(connection, name) for name in ("base_url", "generation"))
    if moved or "key" in fields or fields.get("user_key", connection.user_key) != connection.user_key:
        forget(connection)
    return Connection.objects.get(pk=connection.pk)


def _check_move(connection: Connection, base_url: str, *, new_key: bool) -> None:
    if base_url == connection.base_url:
        return
    if not new_key:
        raise KeyNeeded("Enter the key for this address. The stored key is only ever sent to its own address.")
    if connection.campaigns.exists():
        raise ConnectionRefused(
            f"{connection.name} shows campaigns of {connection.base_url}, so it can't be moved to another contact centre. "
            "Add a new connection for that one."
        )


def plain_name(name: str) -> str:
    """A connection's name as it is stored: without invisible characters."""
    return " ".join("".join(c if c.isprintable() else " " for c in name).split())


def _checked_name(name: str) -> str:
    name = plain_name(name)
    if not name:
        raise ConnectionRefused("Give the connection a name, for example its city.")
    if len(name) > 80:
        raise ConnectionRefused("The name is longer than 80 characters.")
    return name
