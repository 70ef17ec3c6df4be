"""A consumer that was compiled for another rtpcore does not run with this one: it says so when it is imported."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

import rtpcore
from tests.api.abi_layout import TABLE, Layout, build, load

INSTALLED = Path(rtpcore.__file__).parent
CONSUMER = """\
from rtpcore cimport RTPCORE_ABI_VERSION, rtcp_has_bye, rtpcore_check_abi
rtpcore_check_abi(RTPCORE_ABI_VERSION)
def has_bye(bytes octets):
    return rtcp_has_bye(octets, len(octets), 1)
"""
AGAIN = "compile it again."


@pytest.mark.parametrize(
    ("file", "pattern", "replacement", "error", "sentence"),
    [
        (
            "abi.pxd", r"RTPCORE_ABI_VERSION = \d+", "RTPCORE_ABI_VERSION = 999", ImportError,
            r"This module was compiled for ABI version 999 of rtpcore, but the installed rtpcore has version \d+: ",
        ),
        (
            "wire/rtp.pxd", r"(cdef struct rtp_header:\n)", r"\1    uint32_t csrcs[15]\n", ImportError,
            r"This module was compiled for a struct rtp_header of 92 octets, but that of the installed rtpcore has 32",
        ),
        (
            "track/reason.pxd", r"DROP_REASON_COUNT = \d+", "DROP_REASON_COUNT = 999", ImportError,
            r"This module was compiled for a drops\[DROP_REASON_COUNT\] of 7992 octets, but that of the installed ",
        ),
        ("wire/rtcp/compound.pxd", r"(rtcp_has_bye\(.*)uint32_t ssrc", r"\1uint16_t ssrc", TypeError, "rtcp_has_bye"),
    ],
)  # fmt: skip
def test_a_consumer_of_other_declarations_is_refused(
    tmp_path: Path,
    altered: Callable[[str, str, str], str],
    file: str,
    pattern: str,
    replacement: str,
    error: type[Exception],
    sentence: str,
) -> None:
    (tmp_path / "refused.pyx").write_text(CONSUMER)
    library = build(tmp_path, "refused", altered(file, pattern, replacement))
    with pytest.raises(error, match=sentence) as caught:
        load(library)
    if error is ImportError:
        assert str(caught.value).endswith(AGAIN)
        assert "\n" not in str(caught.value)


def test_a_consumer_of_these_declarations_runs_in_a_fresh_interpreter(tmp_path: Path) -> None:
    (tmp_path / "accepted.pyx").write_text(CONSUMER)
    build(tmp_path, "accepted", rtpcore.get_include())
    script = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import accepted; "
    script += "print(accepted.has_bye(bytes.fromhex('80c9000100000001 81cb000100000001')))"
    run = subprocess.run([sys.executable, "-P", "-c", script], capture_output=True, text=True, check=False)
    assert (run.stdout, run.stderr) == ("True\n", "")


# The comparison itself -------------------------------------------------------------------------------------------


def listed(module: ModuleType) -> list[tuple[bytes, int]]:
    return [(name.encode(), size) for name, size in module.compared().items()]


def test_equal_sizes_pass_and_so_do_those_of_a_consumer_that_knows_less(measured: tuple[Layout, ModuleType]) -> None:
    module = measured[1]
    sizes = listed(module)
    for count in range(len(sizes) + 1):
        module.check(rtpcore.ABI_VERSION, sizes[:count])


@pytest.mark.parametrize("by", [-1, 8])
def test_each_size_is_compared(measured: tuple[Layout, ModuleType], by: int) -> None:
    module = measured[1]
    sizes = listed(module)
    for index, (name, size) in enumerate(sizes):
        other = [*sizes[:index], (name, size + by), *sizes[index + 1 :]]
        sentence = f"This module was compiled for a {name.decode()} of {size + by} octets, "
        sentence += f"but that of the installed rtpcore has {size}: {AGAIN}"
        with pytest.raises(ImportError, match=f"^{re.escape(sentence)}$"):
            module.check(rtpcore.ABI_VERSION, other)


def test_a_struct_of_a_later_rtpcore_is_refused(measured: tuple[Layout, ModuleType]) -> None:
    with pytest.raises(ImportError, match="for a struct later of 8 octets, but that of the installed rtpcore has 0"):
        measured[1].check(rtpcore.ABI_VERSION, [*listed(measured[1]), (b"struct later", 8)])


@pytest.mark.parametrize("version", [rtpcore.ABI_VERSION - 1, rtpcore.ABI_VERSION + 1, -1])
def test_another_version_is_refused_whatever_the_sizes(measured: tuple[Layout, ModuleType], version: int) -> None:
    with pytest.raises(ImportError, match=f"ABI version {version} of rtpcore"):
        measured[1].check(version, listed(measured[1]))


# Where the declarations are --------------------------------------------------------------------------------------


def test_get_include_is_the_folder_that_cythonize_searches() -> None:
    include = Path(rtpcore.get_include())
    assert include == INSTALLED.resolve().parent
    assert (include / "rtpcore" / "__init__.pxd").is_file()
    assert TABLE.is_file()
