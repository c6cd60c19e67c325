from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.backends.sqlite3 import base, features

from voisoadmin.lib.data_folder import make_data_folder
from voisoadmin.lib.secrets import private_file


class DatabaseFeatures(features.DatabaseFeatures):
    # Of one statement. Django assumes the 999 of old versions, which is some fifty rows; SQLite takes 32,766 since 3.32.
    max_query_params = 8_000 if base.Database.sqlite_version_info >= (3, 32) else 999  # type: ignore[attr-defined]


class DatabaseWrapper(base.DatabaseWrapper):
    features_class = DatabaseFeatures

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        if not Path(conn_params["database"]).exists() or not settings.TEMP_ROOT.exists():
            make_data_folder()  # first, because SQLite passes over a folder of temporary files that isn't there
            # SQLite would let every user of this machine read it. Its other files get the same permissions.
            private_file(Path(conn_params["database"]))
        return super().get_new_connection(conn_params)
