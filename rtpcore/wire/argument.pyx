# What Python callers pass to wire/, checked before it becomes octets.
# Every message is one sentence that names the argument and the value at fault.

from __future__ import annotations

from cpython.buffer cimport PyBUF_SIMPLE, PyBUF_WRITABLE, PyBuffer_Release, PyObject_CheckBuffer, PyObject_GetBuffer
from cpython.bytes cimport PyBytes_CheckExact, PyBytes_FromStringAndSize
from cpython.number cimport PyIndex_Check

from operator import index

from rtpcore.errors import ConfigurationError


cdef object integer(object value, str name):
    if isinstance(value, bool) or not PyIndex_Check(value):
        raise TypeError(f"{name} is an integer, not {value!r}.")
    return index(value)


cdef uint64_t argument_unsigned(object value, str name, uint64_t maximum) except? 0xFFFFFFFFFFFFFFFF:
    cdef object number = integer(value, name)
    if not 0 <= number <= maximum:
        raise ConfigurationError(f"{name} is {number}, which is not between 0 and {maximum}.")
    return number


cdef long long argument_signed(object value, str name, long long minimum, long long maximum) except? -1:
    cdef object number = integer(value, name)
    if not minimum <= number <= maximum:
        raise ConfigurationError(f"{name} is {number}, which is not between {minimum} and {maximum}.")
    return number


cdef bint argument_flag(object value, str name) except -1:
    if value is True or value is False:
        return value is True
    if PyIndex_Check(value) and index(value) in (0, 1):
        return index(value) == 1
    raise TypeError(f"{name} is True or False, not {value!r}.")


cdef int argument_buffer(object value, str name, Py_buffer* view) except -1:
    if not PyObject_CheckBuffer(value):
        raise TypeError(f"{name} is bytes or another buffer, not {type(value).__name__}.")
    try:
        PyObject_GetBuffer(value, view, PyBUF_SIMPLE)
    except BufferError as error:
        raise TypeError(f"{name} is a {type(value).__name__} that is not contiguous.") from error
    return 0


cdef int argument_writable(object value, str name, Py_buffer* view) except -1:
    if not PyObject_CheckBuffer(value):
        raise TypeError(f"{name} is a bytearray or another writable buffer, not {type(value).__name__}.")
    try:
        PyObject_GetBuffer(value, view, PyBUF_WRITABLE)
    except BufferError as error:
        raise TypeError(f"{name} is a {type(value).__name__} that is not writable and contiguous.") from error
    return 0


cdef bytes argument_octets(object value, str name):
    if PyBytes_CheckExact(value):
        return <bytes>value
    cdef Py_buffer view
    argument_buffer(value, name, &view)
    try:
        return PyBytes_FromStringAndSize(<const char*>view.buf, view.len)
    finally:
        PyBuffer_Release(&view)


cdef tuple argument_tuple(object value, str name, Py_ssize_t maximum):
    try:
        value = iter(value)
    except TypeError:
        raise TypeError(f"{name} is an iterable, not {value!r}.") from None
    cdef tuple members = tuple(value)
    if len(members) > maximum:
        raise ConfigurationError(f"{name} has {len(members)} members, and at most {maximum} fit.")
    return members
