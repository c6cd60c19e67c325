"""Parts of a name in Chinese, Japanese or Korean writing: the family name comes first, and no blank follows it.

As 毛泽东 in w3.org/International/questions/qa-personal-names; for Korean also the Hangul Orthography, article 48: “the family
name and the given name are written together”. A name of nothing but katakana is a foreign one, which keeps its order and blank.
"""

import re
from collections.abc import Sequence

HAN = r"\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
WRITING = re.compile(rf"[{HAN}\u3041-\u30ff\uac00-\ud7a3]+")
KATAKANA = re.compile(r"[\u30a0-\u30ff]+")


def joined_name(parts: Sequence[str], *, is_given_first: bool) -> str:
    """The parts as one name. `is_given_first`: as the file has them; the family name is the last part."""
    whole = "".join(parts)
    if len(parts) < 2 or not WRITING.fullmatch(whole) or KATAKANA.fullmatch(whole):
        return " ".join(parts)
    return "".join(reversed(parts) if is_given_first else parts)
