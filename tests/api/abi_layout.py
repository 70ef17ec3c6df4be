"""The layout of all that `from rtpcore cimport ...` offers, and the table beside this file that freezes it.

As a script it compares the installed rtpcore with the table, or renews the table.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import rtpcore

TABLE = Path(__file__).with_suffix(".json")
RENEW = "python tests/api/abi_layout.py --write"
CHANGED = (
    "A consumer has this compiled in: raise RTPCORE_ABI_VERSION in rtpcore/abi.pxd, unless it has risen since the last "
    f"release, install that rtpcore and renew the table: {RENEW}."
)
ADDED = f"Consumers of before do not know this: the version may stay, but the table must be renewed: {RENEW}."
SETUP = """\
from Cython.Build import cythonize
from setuptools import Extension, setup
extensions = cythonize(
    [Extension({name!r}, [{name!r} + ".pyx"])],
    include_path=[{include!r}],
    language_level="3",
    compiler_directives={{"freethreading_compatible": True}},
)
setup(ext_modules=extensions)
"""

Layout = dict[str, dict[str, Any]]


def build(folder: Path, name: str, include: str) -> Path:
    """Compiles NAME.pyx of `folder` against the declarations below `include`; returns the compiled module."""
    (folder / "setup.py").write_text(SETUP.format(name=name, include=include))
    command = [sys.executable, "-P", "setup.py", "-q", "build_ext", "--inplace"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{name}.pyx does not build against rtpcore's declarations:\n{done.stdout}\n{done.stderr}")
    (library,) = folder.glob(f"{name}.*.so")
    return library


def load(library: Path) -> ModuleType:
    """Imports a compiled module from where it lies."""
    specification = importlib.util.spec_from_file_location(library.name.split(".")[0], library)
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


# What the compiler sees ------------------------------------------------------------------------------------------


def surface(include: str) -> dict[str, Any]:
    """The public names and Cython's entry of each, read by Cython itself from rtpcore/__init__.pxd."""
    main = importlib.import_module("Cython.Compiler.Main")
    options = importlib.import_module("Cython.Compiler.Options")
    chosen = options.CompilationOptions(options.default_options, include_path=[include], language_level=3)
    scope = main.Context.from_options(chosen).find_module("rtpcore", need_pxd=True)
    return {name: entry for name, entry in scope.entries.items() if not name.startswith("__")}


def structs(entries: dict[str, Any]) -> dict[str, Any]:
    """The types of the public structs, and of the structs that are members of them."""
    found: dict[str, Any] = {}
    waiting = [entry.type for entry in entries.values() if entry.is_type and entry.type.is_struct]
    while waiting:
        struct = waiting.pop()
        if struct.name not in found:
            found[struct.name] = struct
            for member in struct.scope.var_entries:
                held = member.type.base_type if member.type.is_array else member.type
                waiting += [held] if held.is_struct else []
    return dict(sorted(found.items()))


def functions(entries: dict[str, Any]) -> dict[str, Any]:
    """The public functions."""
    return {name: entry for name, entry in sorted(entries.items()) if entry.is_cfunction}


def constants(entries: dict[str, Any]) -> dict[str, Any]:
    """The public constants."""
    return {name: entry for name, entry in sorted(entries.items()) if entry.is_const}


# What a consumer has compiled in ---------------------------------------------------------------------------------


def probe(entries: dict[str, Any]) -> Iterator[str]:
    """The lines of a consumer that says where its members lie, what its constants are, and what it compares."""
    types, calls, values = structs(entries), functions(entries), constants(entries)
    for struct in types.values():
        yield f"from {struct.entry.scope.qualified_name} cimport {struct.name} as struct_{struct.name}"
    yield f"from rtpcore cimport {', '.join([*calls, *values])}"
    yield "from rtpcore.abi cimport ABI_SIZES, abi_check, abi_list, abi_size"
    for name, struct in types.items():
        yield f"def layout_{name}():"
        yield f"    cdef struct_{name} s"
        yield "    cdef size_t start = <size_t>&s"
        yield "    members = {}"
        for member in struct.scope.var_entries:
            yield f"    members[{member.name!r}] = [<size_t>&s.{member.name} - start, sizeof(s.{member.name})]"
        yield "    return {'size': sizeof(s), 'members': members}"
    yield "def structs():"
    yield f"    return {{{', '.join(f'{name!r}: layout_{name}()' for name in types)}}}"
    yield "def constants():"
    yield f"    return {{{', '.join(f'{name!r}: <long long>{name}' for name in values)}}}"
    yield "def missing_functions():"
    yield f"    addresses = {{{', '.join(f'{name!r}: <size_t><void*>{name}' for name in calls)}}}"
    yield "    return [name for name, address in addresses.items() if address == 0]"
    yield "def compared():"
    yield "    cdef abi_size listed[ABI_SIZES]"
    yield "    abi_list(listed)"
    yield "    return {listed[index].name.decode(): listed[index].size for index in range(<int>ABI_SIZES)}"
    yield "def check(int version, list sizes):"
    yield "    cdef abi_size given[100]"
    yield "    for index, (name, size) in enumerate(sizes):"
    yield "        given[index] = abi_size(<bytes>name, size)"
    yield "    abi_check(version, given, len(sizes))"


def imports(c_file: str) -> dict[str, str]:
    """The C functions that a compiled consumer looks up when it is imported, with the C signature of each.

    They are more than the public ones: what an inline function of a declaration calls is looked up too.
    """
    found = {}
    _, *parts = re.split(r'PyImport_ImportModule\("(rtpcore\.[\w.]+)"\)', c_file)
    for module, text in zip(parts[::2], parts[1::2], strict=True):
        exported = vars(importlib.import_module(module)).get("__pyx_capi__", {})
        prefix = "__pyx_f_" + "".join(f"{len(part)}{part}_" for part in module.split("."))
        for name in re.findall(rf"&{prefix}(\w+),", text):
            found[f"{module}.{name}"] = repr(exported[name]).split('"')[1]
    return dict(sorted(found.items()))


def measure(include: str) -> tuple[Layout, ModuleType]:
    """What the declarations below `include` compile into a consumer, and that consumer, loaded."""
    entries = surface(include)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "abi_probe.pyx").write_text("\n".join(probe(entries)) + "\n")
        module = load(build(folder, "abi_probe", include))
        looked_up = imports((folder / "abi_probe.c").read_text())
    found: Layout = {
        "structs": module.structs(),
        "constants": module.constants(),
        "functions": {name: str(entry.type) for name, entry in functions(entries).items()},
        "imports": looked_up,
    }
    return found, module


# The table -------------------------------------------------------------------------------------------------------


def differences(table: Layout, found: Layout) -> tuple[list[str], list[str]]:
    """What has changed or gone since the table was made, and what was added: a sentence each."""
    changed, added = [], []
    for kind, before in table.items():
        after = found[kind]
        for name in sorted(before.keys() | after.keys()):
            if name == "RTPCORE_ABI_VERSION":
                continue
            if name not in before:
                added.append(f"{name} is new in {kind}.")
            elif name not in after:
                changed.append(f"{name} has gone from {kind}.")
            elif before[name] != after[name]:
                changed.append(f"{name} was {_brief(before[name], after[name])}.")
    return changed, added


def _brief(before: Any, after: Any) -> str:
    if not isinstance(before, dict):
        return f"{before} and is {after}"
    ours, theirs = before["members"], after["members"]
    moved = [name for name in sorted(ours.keys() | theirs.keys()) if ours.get(name) != theirs.get(name)]
    return f"{before['size']} octets and is {after['size']}; these members differ: {', '.join(moved) or 'none'}"


def problem(table: Layout, found: Layout) -> str | None:
    """Why the table does not stand for what was found, and what to do; None where it does."""
    changed, added = differences(table, found)
    if changed:
        return "\n".join([*changed, CHANGED])
    return "\n".join([*added, ADDED]) if added else None


def may_renew(table: Layout, found: Layout) -> bool:
    """True where nothing that consumers have compiled in has changed, or the version has."""
    versions = [layout["constants"].get("RTPCORE_ABI_VERSION") for layout in (table, found)]
    return versions[0] != versions[1] or not differences(table, found)[0]


def main(arguments: list[str]) -> int:
    """Compare or renew; see --help."""
    parser = argparse.ArgumentParser(prog="tests/api/abi_layout.py", description=__doc__)
    parser.add_argument("--write", action="store_true", help="renew the table")
    parser.add_argument("--unreleased", action="store_true", help="with --write: no release has had this ABI version")
    parser.add_argument("--table", type=Path, default=TABLE, help="another table than the one beside this file")
    chosen = parser.parse_args(arguments)
    found, _ = measure(rtpcore.get_include())
    table = json.loads(chosen.table.read_text()) if chosen.table.exists() else {}
    if not chosen.write:
        said = problem(table, found)
        print(said or f"The installed rtpcore is as {chosen.table.name} says.")
        return 1 if said else 0
    if table and not chosen.unreleased and not may_renew(table, found):
        print("\n".join(differences(table, found)[0]))
        print("Raise RTPCORE_ABI_VERSION in rtpcore/abi.pxd first, or add --unreleased if no release has had it.")
        return 1
    text = json.dumps(found, indent=1)
    chosen.table.write_text(re.sub(r"\[\s+(\d+),\s+(\d+)\s+\]", r"[\1, \2]", text) + "\n")
    print(f"{chosen.table} is renewed.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
