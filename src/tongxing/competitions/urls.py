"""Addresses of the competitions. What judges and keyers open says codes, never who is behind one."""

from django.urls import path

from tongxing.core.listing import list_view

from .views import competitions, entries, judges, marking, results, scheme

app_name = "competitions"
urlpatterns = [
    path("", list_view(competitions.CompetitionList), name="competitions"),
    path("new/", competitions.competition_new, name="competition-new"),
    path("mine/", marking.mine, name="mine"),
    path("rounds/<uuid:uid>/edit/", scheme.round_edit, name="round-edit"),
    path("rounds/<uuid:uid>/remove/", scheme.round_remove, name="round-remove"),
    path("rounds/<uuid:uid>/aspects/new/", scheme.aspect_new, name="aspect-new"),
    path("rounds/<uuid:uid>/fetch/", results.round_fetch, name="round-fetch"),
    path("rounds/<uuid:uid>/sheet/", marking.sheet, name="sheet"),
    path("rounds/<uuid:uid>/hand-in/", marking.hand_in, name="hand-in"),
    path("rounds/<uuid:uid>/key/<str:sheet>/", marking.keying, name="keying"),
    path("aspects/<uuid:uid>/remove/", scheme.aspect_remove, name="aspect-remove"),
    path("quotas/<uuid:uid>/remove/", scheme.quota_remove, name="quota-remove"),
    path("entries/<uuid:uid>/", results.entry, name="entry"),
    path("entries/<uuid:uid>/withdraw/", entries.entry_withdraw, name="entry-withdraw"),
    path("entries/<uuid:uid>/absent/", entries.entry_absent, name="entry-absent"),
    path("judges/<uuid:uid>/conflict/", judges.judge_conflict, name="judge-conflict"),
    path("judges/<uuid:uid>/release/", judges.judge_release, name="judge-release"),
    path("appeals/<uuid:uid>/settle/", results.appeal_settle, name="appeal-settle"),
    path("<uuid:uid>/", competitions.competition, name="competition"),
    path("<uuid:uid>/edit/", competitions.competition_edit, name="competition-edit"),
    path("<uuid:uid>/cancel/", competitions.competition_cancel, name="competition-cancel"),
    *[path(f"<uuid:uid>/{name}/", competitions.step(name), name=f"competition-{name}") for name in competitions.STEPS],
    path("<uuid:uid>/scheme/", scheme.scheme, name="scheme"),
    path("<uuid:uid>/rounds/new/", scheme.round_new, name="round-new"),
    path("<uuid:uid>/quotas/new/", scheme.quota_new, name="quota-new"),
    path("<uuid:uid>/prizes/", scheme.prizes, name="prizes"),
    path("<uuid:uid>/entries/", list_view(entries.EntryList), name="entries"),
    path("<uuid:uid>/entries/new/", entries.entry_new, name="entry-new"),
    path("<uuid:uid>/entries/confirm/", entries.entries_confirm, name="entries-confirm"),
    path("<uuid:uid>/judges/", judges.judges, name="judges"),
    path("<uuid:uid>/judges/new/", judges.judge_new, name="judge-new"),
    path("<uuid:uid>/results/", list_view(results.ResultList), name="results"),
    path("<uuid:uid>/appeals/", results.appeals, name="appeals"),
    path("<uuid:uid>/appeals/new/", results.appeal_new, name="appeal-new"),
    path("<uuid:uid>/team/", results.team, name="team"),
    path("<uuid:uid>/team/choose/", results.team_choose, name="team-choose"),
    path("<uuid:uid>/differences/", marking.differences, name="differences"),
    path("<uuid:uid>/differences/<str:code>/<uuid:aspect>/<str:sheet>/", marking.settle, name="settle"),
    path("<uuid:uid>/spread/<str:code>/<uuid:aspect>/", marking.confirm, name="confirm"),
    path("<uuid:uid>/again/", marking.again, name="again"),
]
