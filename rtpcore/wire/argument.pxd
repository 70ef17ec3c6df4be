# What Python callers pass to wire/, checked before it becomes octets: integers of a field's width, and buffers.

from libc.stdint cimport uint64_t


# TypeError when value is no integer (or a bool), ConfigurationError when it is outside 0..maximum.
cdef uint64_t argument_unsigned(object value, str name, uint64_t maximum) except? 0xFFFFFFFFFFFFFFFF
# The same for a signed field.
cdef long long argument_signed(object value, str name, long long minimum, long long maximum) except? -1

# True or False, or 1 or 0.
cdef bint argument_flag(object value, str name) except -1

# Fills a contiguous view, which the caller releases; TypeError when there is none.
cdef int argument_buffer(object value, str name, Py_buffer* view) except -1
# The same for a buffer that can be written to.
cdef int argument_writable(object value, str name, Py_buffer* view) except -1
# The octets of any buffer; a bytes object is returned as it is.
cdef bytes argument_octets(object value, str name)
# The members of an iterable, at most `maximum` of them.
cdef tuple argument_tuple(object value, str name, Py_ssize_t maximum)
