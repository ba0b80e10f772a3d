"""Roles as one table: which permission belongs to whom (design §1). A permission is "room.verb"; nothing else grants anything.

`ALWAYS` comes with every role. Permissions that end in `.reveal` open personal data in clear and leave a read entry.
"""

from typing import NamedTuple


class Role(NamedTuple):
    key: str
    name: str
    summary: str
    permissions: frozenset[str]
    by_organisation: bool = False
    """Whether a grant of this role may name one organisation instead of an area."""
    needs_second_factor: bool = False


ALWAYS = frozenset({"areas.view", "desk.use", "notices.use", "files.use", "accounts.self"})
READ = frozenset({"registry.view", "certificates.view", "training.view", "targets.view", "policy.view", "papers.make"})
REGISTER = frozenset(
    {
        "registry.edit",
        "registry.reveal",
        "certificates.edit",
        "sheets.use",
        "sheets.view",
        "registry.import",
        "registry.export",
        "registry.merge",
    }
)
TRAIN = frozenset({"training.manage", "training.review", "training.run"})
LOOK_AT_LEARNING = frozenset({"learning.view"})
TEACH = LOOK_AT_LEARNING | {"learning.teach", "learning.questions", "learning.bank"}
"""The bureau's side of online learning. Providers teach too, but do not see the bank: they would know the examination."""
LOOK_AT_EVALUATION = frozenset({"evaluation.view", "evaluation.applications"})
EVALUATE = LOOK_AT_EVALUATION | {"evaluation.edit", "evaluation.apply", "evaluation.bodies", "evaluation.issue"}
"""The bureau's side of skill-level evaluation. Entering scores stands apart: the officer who loads a sheet of them is one of the two people."""
LOOK_AT_SUPERVISION = frozenset({"supervision.view", "supervision.plans", "supervision.watch"})
SUPERVISE = LOOK_AT_SUPERVISION | {"supervision.manage"}
"""Quality supervision: plans, draws, rectification, proposals. Going and looking is the inspector's, deciding a sanction the leader's."""
ANSWER = frozenset({"supervision.view", "supervision.answer"})
"""What a body or a provider that was inspected may do: answer, and be heard."""
RECOMMEND = frozenset({"honours.view", "honours.nominate"})
"""The yearly selection of models: the parties and townships look and recommend; employers and people themselves recommend only."""
SELECT = RECOMMEND | {"honours.manage", "honours.results"}
"""The bureau plans and runs it; who reviews is appointed for each selection and never runs it."""
COMPETE = frozenset({"competitions.view", "competitions.manage"})
"""Skills competitions: the bureau runs them. Marking stands apart: whoever runs one knows which code is whose, and does not mark in it."""
CHASE = frozenset({"targets.chase", "targets.freeze"})


def _role(key: str, name: str, summary: str, *permissions: frozenset[str] | str, **flags: bool) -> Role:
    granted: frozenset[str] = ALWAYS
    for item in permissions:
        granted |= frozenset({item}) if isinstance(item, str) else item
    return Role(key, name, summary, granted, **flags)


ROLES: dict[str, Role] = {
    role.key: role
    for role in (
        _role(
            "officer",
            "劳动关系科经办",
            "登记队伍和单位、导入名册、跟踪缺口、出具报告",
            READ,
            REGISTER,
            CHASE,
            TRAIN,
            TEACH,
            "subsidies.view",
            EVALUATE,
            "evaluation.score",
            SUPERVISE,
            SELECT,
            COMPETE,
            "targets.exempt",
            "policy.edit",
            "workdays.edit",
            "areas.edit",
            "demo.clear",
            "sheets.undo",
        ),
        _role(
            "township",
            "镇街、园区专员",
            "本辖区的登记、走访和缺口",
            READ,
            "registry.edit",
            "registry.reveal",
            "certificates.edit",
            "sheets.use",
            "sheets.view",
            "registry.import",
            "registry.export",
            "targets.chase",
            RECOMMEND,
            "competitions.view",
        ),
        _role("union", "工会经办", "三方之一：查看并跟进", READ, "targets.chase", "registry.export", RECOMMEND, "competitions.view"),
        _role(
            "federation",
            "工商联、企联经办",
            "三方之一：查看并跟进",
            READ,
            "targets.chase",
            "registry.export",
            RECOMMEND,
            "competitions.view",
        ),
        _role(
            "training",
            "培训管理",
            "培训机构、培训班备案、考勤与学时",
            READ,
            TRAIN,
            TEACH,
            "sheets.use",
            "sheets.view",
            "sheets.undo",
            "registry.export",
            LOOK_AT_EVALUATION,
            "supervision.view",
        ),
        _role(
            "assessment",
            "评价管理",
            "评价机构、评价批次、结果公示与证书",
            READ,
            EVALUATE,
            SUPERVISE,
            "certificates.edit",
            "registry.export",
            "registry.reveal",
        ),
        _role(
            "assessment_body",
            "评价机构经办",
            "本机构的评价批次：公告、报名审核、考场、到考、归档",
            "policy.view",
            LOOK_AT_EVALUATION,
            "evaluation.edit",
            "evaluation.apply",
            "sheets.use",
            "sheets.view",
            "sheets.undo",
            "subsidies.claim",
            "subsidies.own",
            ANSWER,
            by_organisation=True,
        ),
        _role("inspector", "督导员", "现场检查：手机填检查表、拍照、签字、复查", "policy.view", "supervision.view", "supervision.inspect"),
        _role(
            "scorer",
            "评分录入",
            "本机构批次的分数录入",
            "evaluation.view",
            "evaluation.score",
            "sheets.use",
            "sheets.view",
            "sheets.undo",
            by_organisation=True,
        ),
        _role(
            "subsidy_handler",
            "补贴经办",
            "受理和预审补贴",
            READ,
            "registry.reveal",
            "sheets.use",
            "sheets.view",
            "sheets.undo",
            "subsidies.view",
            "subsidies.claim",
            "subsidies.handle",
        ),
        _role("subsidy_approver", "补贴审批", "审批补贴", READ, "subsidies.view", "subsidies.approve"),
        _role("cashier", "出纳", "拨付与对账", READ, "subsidies.view", "subsidies.pay"),
        _role("reviewer", "选树评审", "评审推荐材料", "policy.view", "honours.review"),
        _role("judge", "竞赛裁判", "技能竞赛的评分、录分和裁判长核定，只看密号", "policy.view", "competitions.judge"),
        _role(
            "training_provider",
            "培训机构经办",
            "本机构的培训班：报备、排课、点名、线上课、结业",
            "policy.view",
            "training.view",
            "training.run",
            "sheets.use",
            "sheets.view",
            "sheets.undo",
            "subsidies.claim",
            "subsidies.own",
            LOOK_AT_LEARNING,
            "learning.teach",
            ANSWER,
            by_organisation=True,
        ),
        _role(
            "coordinator",
            "劳动关系协调员",
            "本人档案、学习和工作记录",
            "policy.view",
            "registry.own_record",
            "training.own",
            "learning.own",
            "evaluation.applications",
            "evaluation.apply",
            "honours.nominate",
            by_organisation=True,
        ),
        _role(
            "trainee",
            "参训学员",
            "本人的报名、考勤和学时",
            "policy.view",
            "registry.own_record",
            "training.own",
            "learning.own",
            "evaluation.applications",
            "evaluation.apply",
        ),
        _role(
            "agent",
            "用人单位、社会组织经办",
            "报送本单位协调员和参训人员",
            "policy.view",
            "registry.own_organisation",
            "training.send",
            "sheets.use",
            "sheets.view",
            "sheets.undo",
            "subsidies.claim",
            "subsidies.own",
            "evaluation.applications",
            "evaluation.apply",
            "honours.nominate",
            by_organisation=True,
        ),
        _role(
            "leader",
            "领导",
            "一页看全局，可下钻到名单，审批免设，决定督导处理",
            READ,
            "targets.exempt",
            "subsidies.view",
            LOOK_AT_EVALUATION,
            LOOK_AT_LEARNING,
            LOOK_AT_SUPERVISION,
            "honours.view",
            "honours.results",
            "competitions.view",
            "supervision.sanction",
            "evaluation.suspend",
            "training.suspend",
        ),
        _role(
            "auditor",
            "审计",
            "全部可看，不可改",
            READ,
            "audit.view",
            "subsidies.view",
            LOOK_AT_EVALUATION,
            LOOK_AT_LEARNING,
            "learning.questions",
            LOOK_AT_SUPERVISION,
            "honours.view",
            "honours.results",
            "competitions.view",
            "registry.reveal",
            "accounts.view",
            "sheets.view",
            "backups.view",
            needs_second_factor=True,
        ),
        _role(
            "admin",
            "系统管理",
            "账号、授权和系统设置；不经办业务",
            "policy.view",
            "audit.view",
            "accounts.view",
            "accounts.manage",
            "areas.edit",
            "demo.clear",
            "workdays.edit",
            "notices.outbox",
            "backups.view",
            "backups.make",
            "credentials.keys",
            needs_second_factor=True,
        ),
    )
}
APART: tuple[frozenset[str], ...] = (
    frozenset({"subsidy_handler", "subsidy_approver", "cashier"}),
    frozenset({"admin", "auditor"}),
)
"""Roles that one person never holds together, in the own name or for another (design §1)."""
PERSONAL = frozenset({"reviewer", "judge", "inspector", "coordinator", "trainee"})
"""Roles that cannot be handed on: what is done in them is the person's own judgement or record."""
CHOICES = [(role.key, role.name) for role in ROLES.values()]
