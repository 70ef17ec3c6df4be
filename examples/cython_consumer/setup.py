"""Compiles gate.pyx against the installed rtpcore, with Cython 3.3: python setup.py build_ext --inplace."""

from Cython.Build import cythonize
from setuptools import Extension, setup

import rtpcore

setup(
    name="gate",
    ext_modules=cythonize([Extension("gate", ["gate.pyx"])], include_path=[rtpcore.get_include()]),
)
