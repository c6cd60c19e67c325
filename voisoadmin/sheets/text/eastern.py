"""Judges whether bytes are Chinese, Japanese or Korean: are the letters frequent ones, and do names begin with surnames?

Two bytes of one name are valid in nearly every code page, so a list with a single Chinese name says little. That a word has no
other letters, that the first is a surname, and the country codes beside the names say more.
"""

from __future__ import annotations

import re
from collections.abc import Callable

# Each string: characters that surnames begin with, the more frequent first.
SIMPLIFIED = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石"
    "金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常汤温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟"
    "殷詹申欧耿关兰焦俞左柳甘祝包宁符阮尚舒纪柯梅童凌毕单季裴霍涂成苗谷曲盛冉翁蓝路游辛靳管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤阳时穆"
)
TRADITIONAL = (
    "陳林黃張李王吳劉蔡楊許鄭謝郭洪曾邱廖賴周徐蘇葉莊呂江何蕭羅高潘簡朱鍾彭游詹胡施沈余趙盧梁顏柯翁魏孫戴范方宋鄧杜傅侯曹薛丁馬蔣"
    "唐卓藍馮姚石董紀歐程連古汪湯姜田康鄒白涂尤巫韓龔嚴袁黎金阮陸倪夏童邵柳錢温關區譚霍龍馬麥梅伍岑萬譚熊武賈于崔郝孔毛任秦"
)
JAPANESE = (
    "佐鈴高田渡伊山中小加吉斎斉池橋阿石森清前後岡長藤村近遠青坂福太西松井木林岩内上千菅杉平安原野和北今金大竹三河関土水谷本丸島増柴"
    "酒新片堀宮服川武成市星五永須八古飯秋浜荒"
)
KOREAN = (
    "김이박최정강조윤장임한오서신권황안송류전홍고문양손배백허유남심노하곽성차주우구민나진지엄채원천방공현함변염여추도소석선설"
    "마길연위표명기반라왕금옥육인맹제모탁국어은"
)
FREQUENT_GIVEN = frozenset(
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉红建国志文辉宇晨浩子佳小海婷雪龙春天晓燕云飞鹏慧琳丹波斌峰玲珍凤兰梅新中大"
    "美怡君雅雯淑惠宏俊家豪宗翰冠佩珊雄榮麗芬傑玲琪如儒哲銘郎一二三太朗介之男女香織恵結衣菜翼翔健健陽優愛真由紀樹直輔康和弘隆誠修"
)
KANA = re.compile("[ぁ-んァ-ヶー々]")
HANGUL = re.compile("[가-힣]")
HALF_KANA = re.compile("[ｦ-ﾟ]")
WORD = re.compile(r"[^\x00-\x7f]+")
LONGEST_NAME = 5
SURNAME, GIVEN = 0.35, 0.15  # for a name that begins so, and one that ends so


def _lead(character: str, codec: str) -> int:
    """The first byte of a character's two; 0 if it has none."""
    try:
        data = character.encode(codec)
    except UnicodeEncodeError:
        return 0
    return data[0] if len(data) == 2 else 0


def _simplified(character: str) -> float:
    lead = _lead(character, "gb2312")
    return 1 if 0xB0 <= lead <= 0xD7 else 0 if 0xD8 <= lead <= 0xF7 else -0.5


def _traditional(character: str) -> float:
    lead = _lead(character, "big5")
    return 1 if 0xA4 <= lead <= 0xC6 else 0 if 0xC9 <= lead <= 0xF9 else -0.5


def _japanese(character: str) -> float:
    if KANA.match(character):
        return 1
    lead = _lead(character, "euc_jp")
    return 0.9 if 0xB0 <= lead <= 0xCF else -0.3 if 0xD0 <= lead <= 0xF4 else -1


def _korean(character: str) -> float:
    if not HANGUL.match(character):
        return -1
    return 1 if _lead(character, "euc_kr") else -0.5


JUDGES: dict[str, tuple[Callable[[str], float], str]] = {
    "gb18030": (_simplified, SIMPLIFIED),
    "big5": (_traditional, TRADITIONAL),
    "cp932": (_japanese, JAPANESE),
    "euc_jp": (_japanese, JAPANESE),
    "cp949": (_korean, KOREAN),
}


def eastern_scores(sample: bytes) -> dict[str, float]:
    """About 1 or more for names in this code page, below 0 for text that none of its languages write."""
    return {codec: _score(sample, codec) for codec in JUDGES}


def _score(sample: bytes, codec: str) -> float:
    try:
        text = sample.decode(codec)
    except UnicodeDecodeError:
        return -1
    judge, surnames = JUDGES[codec]
    points, letters = 0.0, 0
    for word in WORD.finditer(text):
        found = word.group()
        near = text[max(word.start() - 1, 0) : word.start()] + text[word.end() : word.end() + 1]
        letters += len(found)
        points += len(found) * (_of_word(found, judge, surnames) - (any(map(str.isalpha, near)) * 1.5))
    if not letters:
        return -1
    return points / letters


def _of_word(word: str, judge: Callable[[str], float], surnames: str) -> float:
    if HALF_KANA.match(word):
        return 0.7 if judge is _japanese and not HALF_KANA.sub("", word) and len(word) > 2 else -1
    found = sum(map(judge, word)) / len(word)
    if len(word) <= LONGEST_NAME and word[0] in surnames:
        found += SURNAME
        found += GIVEN * (len(word) > 1 and word[-1] in FREQUENT_GIVEN)
    return found
