from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.backends.sqlite3 import base, features

from voisoadmin.lib.data_folder import make_data_folder
from voisoadmin.lib.secrets import private_file
from voisoadmin.lib.write_turns import turn

WRITES = ("BEGIN IMMEDIATE", "INSERT", "UPDATE", "DELETE")


class DatabaseFeatures(features.DatabaseFeatures):
    # Of one statement. Django assumes the 999 of old versions, which is some fifty rows; SQLite takes 32,766 since 3.32.
    max_query_params = 8_000 if base.Database.sqlite_version_info >= (3, 32) else 999  # type: ignore[attr-defined]


class DatabaseWrapper(base.DatabaseWrapper):
    features_class = DatabaseFeatures

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.execute_wrappers.append(self._in_turn)

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        if not Path(conn_params["database"]).exists() or not settings.TEMP_ROOT.exists():
            make_data_folder()  # first, because SQLite passes over a folder of temporary files that isn't there
            # SQLite would let every user of this machine read it. Its other files get the same permissions.
            private_file(Path(conn_params["database"]))
        return super().get_new_connection(conn_params)

    def _in_turn(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        if self.in_atomic_block or not sql.startswith(WRITES):
            return execute(sql, params, many, context)
        with turn(Path(f"{self.settings_dict['NAME']}-turn")):
            return execute(sql, params, many, context)
