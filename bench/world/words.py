"""Invented names: nobody and no enterprise in the benchmark is real."""

from random import Random

SURNAMES = "王李张刘陈杨黄赵周吴徐孙马胡朱郭何林高罗郑梁谢宋唐许邓冯韩曹曾彭萧蔡潘田董袁于余叶蒋杜苏魏程吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹"
GIVEN = "伟强军磊洋勇杰涛明超刚平辉鹏斌波宇浩凯健俊帆旭晨建国志文华峰芳娜静敏丽艳娟霞秀英玲桂兰燕红梅琳雪婷慧倩颖莹洁珍蕾薇菲"
BRAND = "安百宝博昌长超辰诚春达大德东恩发飞丰福富高光广国海汉豪和恒宏鸿华汇惠吉佳嘉建健江金锦京景久巨聚骏凯康科坤朗乐力立利联亮龙隆茂美民明铭宁鹏平齐启千强青庆荣瑞润三森山上盛圣世顺思四泰腾天田通同万旺威维伟文五祥翔新鑫兴雄旭亚扬阳耀业一亿义易益毅银盈永优友瑜宇裕元源远越云运泽展兆正之志智中众卓子"
FORMS = ("有限公司", "有限公司", "有限公司", "有限责任公司", "股份有限公司")
POSTS = ("人事主管", "人力资源经理", "工会主席", "行政主管", "法务专员")


def person(random: Random) -> str:
    return random.choice(SURNAMES) + "".join(random.choices(GIVEN, k=random.choice((1, 2, 2, 2))))


def enterprise(random: Random, county: str, trade: str) -> str:
    return f"{county}{''.join(random.choices(BRAND, k=random.choice((2, 3, 3))))}{trade}{random.choice(FORMS)}"
