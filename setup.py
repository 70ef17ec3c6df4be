"""Extensions and compiler directives; everything else about the package stands in pyproject.toml."""

from __future__ import annotations

import os
import sys
from pathlib import Path

if not sys.platform.startswith("linux"):
    raise SystemExit(f"rtpcore builds on Linux only, not on {sys.platform}: it needs recvmmsg, epoll and eventfd.")

from importlib.metadata import version

from Cython.Build import cythonize
from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

DEBUG = os.environ.get("RTPCORE_DEBUG") == "1"
THREADS = os.environ.get("RTPCORE_BUILD_THREADS") or str(len(os.sched_getaffinity(0)))

DIRECTIVES = {
    "language_level": "3",
    "boundscheck": DEBUG,
    "wraparound": False,
    "initializedcheck": DEBUG,
    "cdivision": True,
    "overflowcheck": False,
    "binding": True,
    "embedsignature": False,
    "auto_pickle": False,
    "freethreading_compatible": True,
    "warn.undeclared": False,
}

# Hidden visibility leaves the module's init function exported: PyMODINIT_FUNC says so itself.
COMPILE = ["-O0", "-g"] if DEBUG else ["-O3", "-g0", "-fno-semantic-interposition", "-fvisibility=hidden"]


class BuildExtensions(build_ext):
    """Runs Cython when extensions are built, not when metadata or an sdist is asked for, and uses every core."""

    def run(self) -> None:
        if not THREADS.isdecimal() or int(THREADS) == 0:
            raise SystemExit(f"RTPCORE_BUILD_THREADS must be a whole number above 0, not {THREADS!r}.")
        flavour = repr((version("cython"), DIRECTIVES, COMPILE, os.environ.get("CC"), os.environ.get("CFLAGS")))
        record = Path("build/flavour")
        if not record.exists() or record.read_text() != flavour:
            self.force = True  # time stamps do not show that a directive or a flag has changed
        self.parallel = self.parallel or int(THREADS)
        translated = cythonize(
            self.extensions,
            compiler_directives=DIRECTIVES,
            build_dir="build/cython",
            nthreads=int(THREADS) if int(THREADS) > 1 else 0,
            force=self.force,
        )
        by_name = {extension.name: extension for extension in translated}
        for extension in self.extensions:
            extension.sources = by_name[extension.name].sources
            extension.depends = by_name[extension.name].depends
        super().run()
        record.parent.mkdir(exist_ok=True)
        record.write_text(flavour)


# The guard is for Cython's worker processes, which import this file again where they are not forked.
if __name__ == "__main__":
    setup(
        cmdclass={"build_ext": BuildExtensions},
        ext_modules=[
            Extension(".".join(path.with_suffix("").parts), [str(path)], extra_compile_args=COMPILE)
            for path in sorted(Path("rtpcore").rglob("*.pyx"))
        ],
    )
