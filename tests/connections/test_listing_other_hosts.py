import os
import subprocess
import sys

import pytest


@pytest.mark.parametrize("hosts", ["http://127.0.0.1:8900", "127.0.0.1", "127.0.0.1:8900,evil", "a b:80", "host:port"])
def test_an_invalid_list_stops_the_start(tmp_path, hosts):
    env = os.environ | {"VOISOADMIN_EXTRA_HOSTS": hosts, "VOISOADMIN_DATA_DIR": str(tmp_path)}

    started = subprocess.run(
        [sys.executable, "-c", "import voisoadmin.settings"], env=env, capture_output=True, text=True, check=False
    )

    assert started.returncode == 1
    assert "VOISOADMIN_EXTRA_HOSTS must be entries such as 127.0.0.1:8900" in started.stderr.splitlines()[-1]
