"""An API key as people paste it: from a terminal, from code, from a chat."""

import pytest

from voisoadmin.voiso import UnusableKey, check_key

KEY = "a1b2-c3d4_e5f6"


@pytest.mark.parametrize(
    "pasted",
    [
        KEY,
        f"  {KEY}\n",
        f"Bearer {KEY}",
        f"bearer   {KEY}",
        f"Authorization: Bearer {KEY}",
        f"authorization:Bearer {KEY} ",
        f'"{KEY}"',
        f"'{KEY}'",
        f"`{KEY}`",
        f"“{KEY}”",
        f"„{KEY}“",
        f"«{KEY}»",
        f"<{KEY}>",
        f'"Bearer {KEY}"',
        f'Bearer "{KEY}"',
        f'"{KEY}',
        f"{KEY}”",
    ],
)
def test_characters_pasted_around_a_key_are_removed(pasted):
    assert check_key(pasted) == KEY


@pytest.mark.parametrize("key", ["Bearer", 'Bearer ""', '""', "''", "", "  "])
def test_if_nothing_is_left_a_key_is_required(key):
    with pytest.raises(UnusableKey, match="Enter the API key"):
        check_key(key)


@pytest.mark.parametrize("key", ["two words", f"Bearer Bearer {KEY}", f"key: {KEY}", "schlüssel", f"{KEY}\x00", "abc"])
def test_an_impossible_key_is_refused_without_repeating_it(key):
    with pytest.raises(UnusableKey) as refused:
        check_key(key)

    assert KEY not in str(refused.value)
    assert key not in str(refused.value)


@pytest.mark.parametrize("key", ["BearerOfNews1", "bearer-token-1"])
def test_a_key_that_starts_like_the_header_is_kept_whole(key):
    assert check_key(key) == key
