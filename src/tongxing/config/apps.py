"""Which of the files that npm brought are served: the few that pages use."""

from django.contrib.staticfiles.apps import StaticFilesConfig


class FrontFilesConfig(StaticFilesConfig):
    ignore_patterns = [
        *StaticFilesConfig.ignore_patterns,
        "tabler-*",
        "*.rtl.*",
        "*.esm.*",
        "tabler.css*",
        "tabler.js*",
        "echarts.js*",
        "echarts.common*",
        "echarts.simple*",
        "extension",
        "i18n",
    ]
