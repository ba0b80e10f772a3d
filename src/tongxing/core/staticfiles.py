"""Static files with their content's hash in the name, also where one of our JavaScript modules imports another."""

from whitenoise.storage import CompressedManifestStaticFilesStorage

_JS_RULES = CompressedManifestStaticFilesStorage._js_module_import_aggregation_patterns[1]  # noqa: SLF001 - Django offers it for *.js only


class HashedStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Rewrites `import "./other.js"` in our own modules: without it a module would ask for a name that is not kept.

    Packages are left alone: some of their files import what they do not ship.
    """

    patterns = (*CompressedManifestStaticFilesStorage.patterns, ("core/js/*.js", _JS_RULES))
