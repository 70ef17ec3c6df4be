"""The version of the declarations that `from rtpcore cimport ...` offers, and where they lie."""

from pathlib import Path

from libc.string cimport strcmp

ABI_VERSION = RTPCORE_ABI_VERSION


cdef size_t own_size(const char* name) noexcept nogil:
    # 0: this library knows nothing of that name.
    cdef abi_size own[ABI_SIZES]
    cdef int index
    abi_list(own)
    for index in range(ABI_SIZES):
        if strcmp(own[index].name, name) == 0:
            return own[index].size
    return 0


cdef int abi_check(int version, const abi_size* sizes, size_t count) except -1:
    cdef size_t index, size
    if version != RTPCORE_ABI_VERSION:
        raise ImportError(f"This module was compiled for ABI version {version} of rtpcore, but the installed rtpcore "
                          f"has version {RTPCORE_ABI_VERSION}: compile it again.")
    for index in range(count):
        size = own_size(sizes[index].name)
        if size != sizes[index].size:
            raise ImportError(f"This module was compiled for a {sizes[index].name.decode()} of {sizes[index].size} "
                              f"octets, but that of the installed rtpcore has {size}: compile it again.")
    return 0


def get_include():
    """The folder to search for the declarations that `from rtpcore cimport ...` reads, as a str.

    For `cythonize(..., include_path=[rtpcore.get_include()])`. There are no C headers: the C compiler needs no folder.
    """
    return str(Path(__file__).resolve().parents[1])
