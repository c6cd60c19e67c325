"""A command loads only what it needs: hundreds of processes are started, by people, by cron and by the tests."""

import ast
import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from django.utils.module_loading import import_string

import voisoadmin

pytestmark = pytest.mark.once

PRODUCT = Path(voisoadmin.__file__).parent
# What only pages need, or only some work, and takes long to load.
LATE = ("voisoadmin.urls", "httpx", "openpyxl", "python_calamine", "rapidfuzz", "holidays")
START = f"""
import sys, django
django.setup()
import voisoadmin.runtime.management.commands.work
print(*(name for name in {LATE} if name in sys.modules))
"""


def test_a_worker_starts_without_what_only_pages_and_some_work_need(tmp_path):
    env = os.environ | {"DJANGO_SETTINGS_MODULE": "voisoadmin.settings", "VOISOADMIN_DATA_DIR": str(tmp_path)}

    loaded = subprocess.run([sys.executable, "-c", START], env=env, capture_output=True, text=True, check=True)

    assert loaded.stdout.split() == []


@pytest.mark.parametrize("path", sorted(PRODUCT.glob("*/apps.py")), ids=lambda path: path.parent.name)
def test_what_an_app_names_to_be_loaded_later_exists(path):
    texts = [node.value for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Constant)]
    named = [text for text in texts if isinstance(text, str) and re.fullmatch(r"voisoadmin(\.\w+){2,}", text)]

    for name in named:
        assert find_spec_of(name) or import_string(name), name


def find_spec_of(name):
    try:
        return find_spec(name)
    except ModuleNotFoundError:  # the last part names something in a module
        return None
