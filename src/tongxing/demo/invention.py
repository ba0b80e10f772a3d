"""Invented names and numbers: nobody and no enterprise in the demonstration is real.

Identity numbers carry the county code 419099, which was never given out; credit codes carry an organisation code that begins with DEM.
"""

from datetime import date, timedelta
from random import Random

from tongxing.core.identifiers import credit_check_character, id_check_digit

SURNAMES = "王李张刘陈杨黄赵周吴徐孙马胡朱郭何林高罗郑梁谢宋唐许邓冯韩曹曾彭萧蔡潘田董袁于余叶蒋杜苏魏程吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙陶贺顾毛郝龚邵万钱覃武戴孔汤庞"
MALE = "伟强军磊洋勇杰涛明超刚平辉鹏斌波宇浩凯健俊帆旭晨建国志文华峰"
FEMALE = "芳娜静敏丽艳娟霞秀英玲桂兰燕红梅琳雪婷慧倩颖莹洁珍蕾薇菲"
BRANDS = [
    "瑞丰",
    "恒通",
    "鑫源",
    "博远",
    "华泰",
    "金桥",
    "顺达",
    "天成",
    "宏业",
    "中原",
    "王屋",
    "沁北",
    "轵城",
    "愚公",
    "济水",
    "太行",
    "黄河",
    "盛世",
    "昌隆",
    "同心",
    "永固",
    "众合",
    "新晟",
    "百川",
    "凯旋",
    "安泰",
    "德信",
    "锦程",
    "万象",
    "联创",
    "启明",
    "嘉禾",
    "东升",
    "西城",
    "远航",
    "正阳",
    "明德",
    "广厦",
    "合力",
    "千禧",
]
MIDDLES = ["科", "达", "胜", "元", "佳", "兴", "诚", "利", "隆", "美", "佰", "智", "海", "力", "源", "信", "通", "丰", "泽", "润"]


def person_name(random: Random, sex: int) -> str:
    given = MALE if sex == 1 else FEMALE
    return random.choice(SURNAMES) + "".join(random.choice(given) for _ in range(random.choice((1, 2, 2, 2))))


def resident_id(born: date, sex: int, serial: int) -> str:
    """A well-formed number that belongs to nobody: county 419099."""
    sequence = serial % 500 * 2 + (1 if sex == 1 else 0)
    first17 = f"419099{born:%Y%m%d}{sequence:03d}"
    return first17 + id_check_digit(first17)


def credit_code(prefix: str, serial: int) -> str:
    """A well-formed code that belongs to nobody: organisation code DEM……."""
    first17 = f"{prefix}419001DEM{serial:06d}"
    return first17 + credit_check_character(first17)


def phone(serial: int) -> str:
    return f"199{serial:08d}"


class Namer:
    """Enterprise names, each given once."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.given: set[str] = set()

    def enterprise(self, trade: str) -> str:
        while True:
            middle = self.random.choice(MIDDLES) if self.random.random() < 0.7 else ""
            form = self.random.choices(("有限公司", "有限责任公司", "股份有限公司"), (8, 1, 1))[0]
            name = f"济源市{self.random.choice(BRANDS)}{middle}{trade}{form}"
            if name not in self.given:
                self.given.add(name)
                return name


def day_between(random: Random, first: date, last: date) -> date:
    return first + timedelta(days=random.randint(0, max((last - first).days, 0)))
