from voisoadmin.lib.secrets import read_or_make


def test_a_secret_is_made_once_and_only_its_owner_may_read_it(tmp_path):
    path = tmp_path / "secret"

    first = read_or_make(path, lambda: "one")
    second = read_or_make(path, lambda: "two")

    assert (first, second) == ("one", "one")
    assert path.stat().st_mode & 0o777 == 0o600
    assert [file.name for file in tmp_path.iterdir()] == ["secret"]
