"""VoisoAdmin installed as a package: away from the repository, it has its pages, its command and its own place for data."""

import os
import re
import site
import subprocess
import sys
import urllib.request
import zipfile
from pathlib import Path

import pytest

from tests.runtime.test_demo import Running, free_ports, get
from tests.support.installation import ROOT

# In one process, so that one package is built and installed.
pytestmark = [pytest.mark.slow, pytest.mark.kills, pytest.mark.once, pytest.mark.xdist_group("installed")]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """Built as pip would, but with the builder that is installed: no network."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory) -> Path:
    """The programs of an environment with this wheel in it; the dependencies are those that run the tests."""
    folder = tmp_path_factory.mktemp("installed")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    python = folder / "bin" / "python"
    install = ["install", "-q", "--no-deps", "--no-index", "--no-cache-dir", "--disable-pip-version-check", str(wheel)]
    subprocess.run([sys.executable, "-m", "pip", "--python", str(python), *install], check=True)
    (packages,) = (folder / "lib").glob("python*/site-packages")
    (packages / "dependencies.pth").write_text("\n".join(site.getsitepackages()) + "\n")
    return folder / "bin"


@pytest.fixture
def person(tmp_path) -> dict[str, str]:
    """The environment of a person with an empty home folder and no settings."""
    ours = ("VOISOADMIN_", "DATABASE_URL", "DJANGO_", "PYTHON", "SQLITE_TMPDIR", "XDG_")
    return {**{name: value for name, value in os.environ.items() if not name.startswith(ours)}, "HOME": str(tmp_path)}


def ran(*command: str | Path, env: dict[str, str], folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True)


def test_the_wheel_holds_templates_and_static_files_and_no_tests(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())

    for folder in ("templates", "static"):
        ours = {str(path.relative_to(ROOT)) for path in (ROOT / folder).rglob("*") if path.is_file()}
        assert {f"voisoadmin/{name}" for name in ours} <= names
    assert {name.split("/")[0] for name in names if ".dist-info" not in name} == {"voisoadmin"}
    assert any(name.endswith("licenses/LICENSE") for name in names)


def test_the_source_package_builds_the_same_wheel(wheel, tmp_path):
    command = [sys.executable, "-m", "hatchling", "build", "-d", str(tmp_path)]
    subprocess.run([*command, "-t", "sdist"], cwd=ROOT, check=True, capture_output=True)
    (source,) = tmp_path.glob("*.tar.gz")
    subprocess.run(["tar", "-xf", str(source), "-C", str(tmp_path)], check=True)
    (unpacked,) = (path for path in tmp_path.iterdir() if path.is_dir())

    subprocess.run([*command, "-t", "wheel"], cwd=unpacked, check=True, capture_output=True)

    (again,) = tmp_path.glob("*.whl")
    assert set(zipfile.ZipFile(again).namelist()) == set(zipfile.ZipFile(wheel).namelist())


def test_the_command_keeps_its_data_in_the_home_folder_wherever_it_runs(installed, person, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    program, module = [installed / "voisoadmin"], [installed / "python", "-m", "voisoadmin"]

    checked = ran(*module, "check", "--deploy", "--fail-level", "WARNING", env=person, folder=elsewhere)
    behind = [ran(*command, "sync", env=person, folder=elsewhere) for command in (program, module)]
    migrated = ran(*program, "migrate", "-v0", env=person, folder=elsewhere)

    assert checked.returncode == 0, checked.stderr
    assert all(answer.stderr.endswith("Run: voisoadmin migrate\n") for answer in behind), behind
    assert (migrated.returncode, migrated.stderr) == (0, "")
    assert (tmp_path / ".local/share/voisoadmin/voisoadmin.sqlite3").exists()
    assert list(elsewhere.iterdir()) == []


def test_the_folder_for_data_can_be_named_but_only_in_full(installed, person, tmp_path):
    shared, chosen = tmp_path / "shared", tmp_path / "chosen"

    migrate_one = [installed / "voisoadmin", "migrate", "contenttypes"]
    ran(*migrate_one, env=person | {"XDG_DATA_HOME": str(shared)}, folder=tmp_path)
    ran(*migrate_one, env=person | {"VOISOADMIN_DATA_DIR": str(chosen)}, folder=tmp_path)
    relative = ran(installed / "voisoadmin", "migrate", env=person | {"VOISOADMIN_DATA_DIR": "data"}, folder=tmp_path)

    assert (shared / "voisoadmin" / "voisoadmin.sqlite3").exists()
    assert (chosen / "voisoadmin.sqlite3").exists()
    assert (relative.returncode, relative.stderr) == (2, "VOISOADMIN_DATA_DIR must name a folder from / on.\n")


def test_the_demo_runs_from_any_folder_with_its_pages_and_their_style(installed, person, tmp_path):
    port, sandbox_port = free_ports()
    command = [installed / "voisoadmin", "demo", "--port", str(port), "--sandbox-port", str(sandbox_port)]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    process = subprocess.Popen(command, env=person, cwd="/", start_new_session=True, **pipes)
    running = Running(process)
    try:
        running.hear("Press Ctrl-C to stop")
        _, page = get(f"http://127.0.0.1:{port}/sign-in/")
        sheet = re.search(r'href="(/static/app\.[0-9a-f]+\.css)"', page)[1]
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{sheet}", timeout=60) as answer:
            style = answer.read().decode()
    finally:
        process.terminate()
        process.wait(120)
        process.stdout.close()

    assert process.returncode == 0
    assert style.splitlines()[0] == (ROOT / "static" / "app.css").read_text(encoding="utf-8").splitlines()[0]
