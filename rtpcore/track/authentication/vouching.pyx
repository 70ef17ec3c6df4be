# Authentication as Python says it: ICE credentials, a callable that checks SRTP, protocols that are relayed.
# The callable runs in the thread of the packets and takes the GIL there: a C function is set by who cimports.

cimport cython
from libc.stdint cimport uint8_t, uint16_t, uint32_t

from cpython.bytes cimport PyBytes_FromStringAndSize
from cpython.ref cimport Py_DECREF, Py_INCREF

from rtpcore.track.authentication.ice cimport ice_init
from rtpcore.track.authentication.state cimport authentication, authentication_new
from rtpcore.wire.demux cimport KIND_DTLS, KIND_STUN, KIND_ZRTP

from rtpcore.errors import ConfigurationError
from rtpcore.track.authentication.credentials import IceCredentials

cdef dict PROTOCOLS = {"stun": 1 << <int>KIND_STUN, "dtls": 1 << <int>KIND_DTLS, "zrtp": 1 << <int>KIND_ZRTP}


@cython.final
cdef class Verifier:
    """A callable in the place of a verify_function."""


cdef void tell(object error) noexcept:
    # Nobody calls that could catch it, so it goes to sys.unraisablehook.
    raise error


cdef bint judge(Verifier verifier, const uint8_t* octets, uint32_t size) noexcept:
    try:
        return True if verifier.function(PyBytes_FromStringAndSize(<const char*>octets, size)) else False
    except BaseException as error:
        if not verifier.reported:
            verifier.reported = True
            tell(error)
        return False


cdef bint verify(void* context, const uint8_t* octets, uint32_t size) noexcept nogil:
    with gil:
        return judge(<Verifier>context, octets, size)


@cython.final
cdef class Vouching:
    """What was signalled of authentication; never changed once it is made."""

    def __cinit__(self):
        self.passthrough = frozenset()


cdef frozenset protocols(object passthrough):
    cdef object name
    if isinstance(passthrough, (str, bytes)):
        raise TypeError(f"passthrough must be a sequence of protocols, not {type(passthrough).__name__} "
                        f"{passthrough!r}.")
    for name in passthrough:
        if not isinstance(name, str):
            raise TypeError(f"passthrough must name protocols by str, not {type(name).__name__} {name!r}.")
        if name not in PROTOCOLS:
            raise ConfigurationError(f"passthrough names {name!r}, but must be of {', '.join(sorted(PROTOCOLS))}.")
    return frozenset(passthrough)


cdef Vouching vouching_said(Vouching before, object ice, object verify, object passthrough):
    cdef Vouching said
    if ice is None and verify is None and passthrough is None:
        return before
    said = Vouching.__new__(Vouching)
    said.ice = before.ice if ice is None else (None if ice is False else ice)
    said.verifier = before.verifier
    said.passthrough = before.passthrough if passthrough is None else protocols(tuple(passthrough) if not isinstance(
        passthrough, (str, bytes)) else passthrough)
    if said.ice is not None and not isinstance(said.ice, IceCredentials):
        raise TypeError(f"ice must be IceCredentials, False or None, not {type(ice).__name__}.")
    if said.ice is not None and "stun" in said.passthrough:
        raise ConfigurationError("passthrough names 'stun', but with ice the relay answers it itself.")
    if verify is False:
        said.verifier = None
    elif verify is not None:
        if not callable(verify):
            raise TypeError(f"verify must be callable, False or None, not {type(verify).__name__} {verify!r}.")
        if before.verifier is None or before.verifier.function is not verify:
            said.verifier = Verifier.__new__(Verifier)
            said.verifier.function = verify
    if (said.ice == before.ice and said.verifier is before.verifier and said.passthrough == before.passthrough):
        return before
    return said


cdef int vouching_permits(Vouching said, bint udptl) except -1:
    if udptl and (said.ice is not None or said.verifier is not None or said.passthrough):
        raise ConfigurationError("media is 'udptl', which goes neither with ice nor with verify nor with passthrough.")
    return 0


cdef int vouching_make(Vouching said, authentication** out) except -1:
    cdef authentication* made
    cdef bytes fragment, password, remote
    out[0] = NULL
    if said.ice is None and said.verifier is None and not said.passthrough:
        return 0
    made = authentication_new(said.ice is not None)
    if made == NULL:
        raise MemoryError("no memory for the authentication of a leg.")
    if said.ice is not None:
        fragment = said.ice.local[0].encode("ascii")
        password = said.ice.local[1].encode("ascii")
        remote = said.ice.remote[0].encode("ascii") if said.ice.remote is not None else b""
        ice_init(made.ice, fragment, <uint16_t>len(fragment), password, len(password), remote, <uint16_t>len(remote))
    if said.verifier is not None:
        made.verify = verify
        made.context = <void*>said.verifier
    for name in said.passthrough:
        made.passthrough |= <uint8_t>PROTOCOLS[name]
    out[0] = made
    return 0


cdef int vouching_hold(Vouching said, list held) except -1:
    # By a reference that garbage collection does not see: a leg that nobody closes is its worker's for ever.
    if said.verifier is not None and said.verifier not in held:
        held.append(said.verifier)
        Py_INCREF(said.verifier)
    return 0


cdef int vouching_release(list held) except -1:
    cdef object verifier
    while held:
        verifier = held.pop()
        Py_DECREF(verifier)
    return 0
