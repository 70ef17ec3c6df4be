# Every target works on a fresh clone of a Debian that has python3, python3-venv, python3-dev, gcc and make.
# Every target but clean and distclean makes its own virtual environment and builds what is out of date.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.ONESHELL:
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules

PYTHON ?= python3
VENV ?= .venv
BIN := $(abspath $(VENV))/bin
PYTEST_ARGS ?=
SCENARIO_ARGS ?=
BENCH_ARGS ?=
TEST_TIMEOUT ?= 180

export RTPCORE_BUILD_THREADS ?= $(shell nproc)
# The time that archives carry: that of the commit, or a fixed one where there is no repository.
export SOURCE_DATE_EPOCH ?= $(shell git log -1 --format=%ct 2>/dev/null || echo 1767225600)
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Nothing may import the checkout's rtpcore/ in place of the installed one.
unexport PYTHONPATH PYTHONHOME
RUN := env -C build PYTHONSAFEPATH=1

PACKAGE := $(sort $(shell find rtpcore -name '*.py' -o -name '*.pyi' -o -name '*.pyx' -o -name '*.pxd' -o -name py.typed))
SOURCES := setup.py pyproject.toml MANIFEST.in README.md LICENSE $(PACKAGE)

define FAIL
fail() { echo "rtpcore: $$1" >&2; exit 2; }
endef

# What pip and the compilers say goes to a log in build/; the terminal sees its end only when something fails.
define LOGGED
mkdir -p build dist
logged() { local log=build/$$1; shift; "$$@" >$$log 2>&1 || { tail -n 40 $$log >&2; \
    echo "rtpcore: that failed; $$log has all of it." >&2; exit 2; }; }
endef

.PHONY: help demo test scenarios bench bench-security gate fuzz sanitize lint wheel sdist reproducible clean distclean FORCE

help:
	@cat <<'TEXT'
	make demo          build, install into $(VENV) and run a relay with two endpoints and an attacker
	make test          build the sdist, build the wheel from it, install that and run all tests (PYTEST_ARGS=...)
	make scenarios     every scenario of an attack or a move, and its four figures (SCENARIO_ARGS=--udp: also over UDP)
	make lint          ruff, cython-lint, mypy, stubtest, the build log, the archives, the layers
	make gate          instructions a packet by callgrind, against their limits
	make fuzz          coverage-guided fuzzing of native code with clang and atheris (FUZZ_SECONDS=60 FUZZ_ARGS=--merge)
	make sanitize      unit, rfc and property tests with gcc's address, leak and undefined behaviour sanitizers
	make bench         nanoseconds a packet, then this and every other installed relay side by side (BENCH_ARGS=--quick)
	make bench-security   the same attacks on every installed relay, into docs/security.md (BENCH_ARGS=--quick)
	make wheel         the wheel for this machine and the sdist it was built from, both checked, in dist/
	make sdist         the sdist alone, in dist/
	make reproducible  build both twice and compare them octet by octet
	make clean         remove what was built;  make distclean: remove $(VENV) too
	Variables: PYTHON=python3.13  VENV=.venv313  RTPCORE_DEBUG=1  RTPCORE_BUILD_THREADS=$(RTPCORE_BUILD_THREADS)
	TEXT

# The environment -------------------------------------------------------------------------------------------------

$(VENV)/.created:
	@$(FAIL)
	[ "$$(uname -s)" = Linux ] || fail "it builds on Linux only, not on $$(uname -s)."
	command -v $(PYTHON) >/dev/null || \
	    fail "$(PYTHON) is missing; run: apt-get install python3 python3-venv python3-dev gcc"
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	    fail "Python 3.11 or later is needed and $(PYTHON) is $$($(PYTHON) -V); name a newer one with PYTHON=..."
	$(PYTHON) -c 'import ensurepip, venv; ensurepip.version()' 2>/dev/null || \
	    fail "$(PYTHON) cannot make a virtual environment; run: apt-get install python3-venv"
	[ -e "$$($(PYTHON) -c 'import sysconfig; print(sysconfig.get_path("include"))')/Python.h" ] || \
	    fail "the header Python.h of $(PYTHON) is missing; run: apt-get install python3-dev"
	compiler=$${CC:-$$($(PYTHON) -c 'import sysconfig; print(sysconfig.get_config_var("CC"))')}
	command -v $${compiler%% *} >/dev/null || \
	    fail "the C compiler $${compiler%% *} is missing; run: apt-get install gcc"
	echo '#include <sys/socket.h>' | $$compiler -E - >/dev/null 2>&1 || \
	    fail "the C library's headers are missing; run: apt-get install libc6-dev"
	$(PYTHON) -m venv $(VENV)
	touch $@

# What a rebuild depends on, by content: the sources, the interpreter and the flags.
build/fingerprint: $(VENV)/.created FORCE
	@$(FAIL)
	if [ "$(origin PYTHON)" != file ] && [ "$$($(PYTHON) -V)" != "$$($(BIN)/python -V)" ]; then
	    fail "$(VENV) has $$($(BIN)/python -V), not $$($(PYTHON) -V); run make distclean, or name another one with VENV=..."
	fi
	mkdir -p build
	{ sha256sum $(SOURCES); $(BIN)/python -VV; echo "$${CC-} $${CFLAGS-} $${RTPCORE_DEBUG-}"; } >build/fingerprint.new
	cmp -s build/fingerprint.new $@ || cp build/fingerprint.new $@

# The archives ----------------------------------------------------------------------------------------------------

$(VENV)/.build-tools: $(VENV)/.created pyproject.toml
	@$(LOGGED)
	logged tools.log $(BIN)/python -c 'import subprocess, sys, tomllib; \
	    needs = tomllib.load(open("pyproject.toml", "rb"))["build-system"]["requires"]; \
	    sys.exit(subprocess.call([sys.executable, "-m", "pip", "install", "build>=1.2", *needs]))'
	touch $@

sdist: $(VENV)/.build-tools
	@$(LOGGED)
	rm -rf dist/rtpcore-*.tar.gz rtpcore.egg-info
	logged sdist.log $(BIN)/pyproject-build --no-isolation --sdist --outdir dist .
	$(BIN)/python wheels/repack_sdist.py dist/rtpcore-*.tar.gz
	$(BIN)/python wheels/check_contents.py dist/rtpcore-*.tar.gz

# pip would take an older wheel of the same sdist name from its cache, so it gets none.
build/wheel.stamp: build/fingerprint $(VENV)/.build-tools
	@echo "building the sdist, and from it the wheel, on $(RTPCORE_BUILD_THREADS) core(s); log in build/wheel.log"
	rm -f dist/rtpcore-*
	$(MAKE) --no-print-directory sdist
	$(LOGGED)
	logged wheel.log $(BIN)/pip wheel --verbose --no-cache-dir --no-deps --no-build-isolation \
	    --wheel-dir dist dist/rtpcore-*.tar.gz
	$(BIN)/python wheels/check_contents.py dist/rtpcore-*.whl
	touch $@

wheel: build/wheel.stamp
	@ls -l dist/rtpcore-*

# --no-deps keeps a re-install of the wheel from re-installing numpy; the extras bring the dependencies.
$(VENV)/.installed: build/wheel.stamp
	@$(LOGGED)
	logged install.log $(BIN)/pip install --force-reinstall --no-deps dist/rtpcore-*.whl
	touch $@

$(VENV)/.extra-%: $(VENV)/.installed pyproject.toml
	@$(LOGGED)
	if ! cmp -s pyproject.toml $@; then
	    echo "installing what the extra '$*' names"
	    wheel=$$(echo dist/rtpcore-*.whl)
	    logged extra-$*.log $(BIN)/pip install "$$wheel[$*]"
	fi
	cp pyproject.toml $@

# What people run -------------------------------------------------------------------------------------------------

demo: $(VENV)/.extra-cli
	@$(RUN) $(BIN)/rtpcore demo

test: $(VENV)/.extra-test
	@PYTHONSAFEPATH=1 $(BIN)/pytest --timeout=$(TEST_TIMEOUT) $(PYTEST_ARGS)

scenarios: $(VENV)/.extra-test
	@PYTHONSAFEPATH=1 $(BIN)/python tests/behaviour/run.py $(SCENARIO_ARGS)

lint: $(VENV)/.extra-test $(VENV)/.extra-lint $(VENV)/.extra-bench
	@status=0
	check() { echo "== $$1"; shift; "$$@" || status=1; }
	quiet_build() {
	    grep -q 'Cythonizing rtpcore/' build/wheel.log &&
	        ! grep -E 'performance hint|warning: .*\.p(yx|xd):' build/wheel.log
	}
	check "ruff" $(BIN)/ruff check --output-format concise .
	check "ruff format" $(BIN)/ruff format --check .
	check "cython-lint" env PATH=$(BIN):$$PATH cython-lint rtpcore bench examples tests
	check "mypy" $(BIN)/mypy
	check "stubtest, of the installed wheel" \
	    $(RUN) $(BIN)/stubtest --mypy-config-file ../pyproject.toml --allowlist ../wheels/stubtest.allow rtpcore
	check "no performance hint and no warning of Cython in the build log" quiet_build
	check "no import of a lower layer" $(BIN)/pytest -q tests/unit/test_layering.py
	check "the archives" $(BIN)/python wheels/check_contents.py dist/rtpcore-*
	exit $$status

# Instructions a packet, counted by callgrind: unlike time they do not depend on the machine. The loop that drives the
# stage, 36, is in them.
gate: $(VENV)/.extra-bench
	@$(BIN)/python bench/stage.py empty 1
	for stage in path:450 latch:150 track:150; do
	    echo "$${stage%:*}, at most $${stage#*:}:"
	    $(BIN)/python bench/pipeline/instructions.py --limit $${stage#*:} -- \
	        $(BIN)/python bench/stage.py $${stage%:*} {packets}
	done

# The second half takes a core for the relay and one for the load, and says so where there is none.
bench: $(VENV)/.extra-bench
	@$(BIN)/python bench/run.py $(BENCH_ARGS)

# Root or user namespaces. What a short run finds is no figure for the docs.
bench-security: $(VENV)/.extra-bench
	@$(BIN)/python bench/run_security.py --json build/bench/security.json \
	    $(if $(findstring --quick,$(BENCH_ARGS)),,--write-docs) $(BENCH_ARGS)

reproducible: build/wheel.stamp
	@rm -rf build/first
	mkdir build/first
	cp dist/rtpcore-* build/first/
	rm build/wheel.stamp
	$(MAKE) --no-print-directory build/wheel.stamp
	for archive in build/first/*; do cmp $$archive dist/$${archive##*/}; done
	sha256sum dist/rtpcore-*

# Robustness ------------------------------------------------------------------------------------------------------

FUZZ_SECONDS ?= 60
FUZZ_ARGS ?=
FUZZ_CC ?= clang
# Coverage as libFuzzer wants it is clang's; the run time comes with atheris. Cython adds 0 to pointers that may be null.
FUZZ_FLAGS := -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize=pointer-overflow
SANITIZE_CC ?= gcc
SANITIZE_FLAGS := -fsanitize=address,undefined

build/fuzz/.built: build/fingerprint $(VENV)/.build-tools
build/sanitize/.built: build/fingerprint $(VENV)/.build-tools

# The package once more, beside the one that is installed. --force: the time stamps of the C do not show the flags.
build/%/.built:
	@$(FAIL)
	$(LOGGED)
	case $* in
	    fuzz) compiler="$(FUZZ_CC)" flags="$(FUZZ_FLAGS)" link= packages="clang libclang-rt-dev" ;;
	    sanitize) compiler="$(SANITIZE_CC)" flags="$(SANITIZE_FLAGS)" link="$(SANITIZE_FLAGS)" packages=gcc ;;
	esac
	echo 'int nothing;' | $$compiler $$flags -fPIC -shared -x c - -o /dev/null 2>/dev/null || \
	    fail "$$compiler or its sanitizers are missing; run: apt-get install $$packages"
	echo "building with $$compiler $$flags; log in build/$*.log"
	rm -rf build/$*/lib build/$*/temp
	logged $*.log env CC="$$compiler" CFLAGS="$$flags -fno-sanitize-recover=undefined -fno-omit-frame-pointer" \
	    LDFLAGS="$$link" $(BIN)/python setup.py build --force --build-lib build/$*/lib --build-temp build/$*/temp
	touch $@

fuzz: $(VENV)/.extra-fuzz build/fuzz/.built
	@$(FAIL)
	$(BIN)/python -c 'import atheris' || fail "atheris is missing: it is for Python 3.11 to 3.13; name one with PYTHON=..."
	PYTHONSAFEPATH=1 $(BIN)/python tests/fuzz/run.py --library build/fuzz/lib --work build/fuzz/work \
	    --seconds $(FUZZ_SECONDS) $(FUZZ_ARGS)

# Left out: tests that start whole programs, those that measure memory, and what `make fuzz` does better. Of the leaks
# that are found when a process ends CPython's own do not count, but every one that passes through our modules does.
sanitize: $(VENV)/.extra-test build/sanitize/.built
	@$(FAIL)
	libraries=$$(for name in libasan.so libubsan.so libstdc++.so.6; do $(SANITIZE_CC) -print-file-name=$$name; done)
	rm -f build/sanitize/report.*
	sanitized=(env LD_PRELOAD="$${libraries//$$'\n'/ }" PYTHONMALLOC=malloc PYTHONSAFEPATH=1
	    PYTHONPATH=$(CURDIR)/build/sanitize/lib LSAN_OPTIONS=exitcode=0
	    UBSAN_OPTIONS=print_stacktrace=1:log_path=$(CURDIR)/build/sanitize/report
	    ASAN_OPTIONS=detect_leaks=1:allocator_may_return_null=1:log_path=$(CURDIR)/build/sanitize/report)
	"$${sanitized[@]}" $(BIN)/python -c 'import sys, rtpcore; sys.exit("build/sanitize" not in rtpcore.__file__)' || \
	    fail "the sanitized package is not the one that is imported."
	status=0
	"$${sanitized[@]}" $(BIN)/pytest --capture=sys --timeout=$(TEST_TIMEOUT) tests/unit tests/rfc tests/property tests/fuzz \
	    --ignore=tests/unit/cli --ignore=tests/unit/test_package.py --ignore=tests/unit/test_relay_end.py \
	    --ignore=tests/unit/test_leaks.py \
	    -k 'not tshark and not memory and not random_octets_from_anywhere' $(PYTEST_ARGS) || status=$$?
	if grep -hsE -A40 'ERROR: AddressSanitizer|runtime error:' build/sanitize/report.*; then status=1; fi
	if grep -hs -B8 -A8 'build/sanitize/lib/rtpcore' build/sanitize/report.*; then status=1; fi
	[ $$status -eq 0 ] || fail "the sanitizers or the tests that they watched found something."

clean:
	rm -rf build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .benchmarks
	find rtpcore tests bench \( -name __pycache__ -o -name '*.so' \) -prune -exec rm -rf {} +

distclean: clean
	rm -rf $(VENV)
