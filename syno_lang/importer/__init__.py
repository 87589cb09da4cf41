"""A kernel that the original Syno wrote enters, the text of a `.syno` file leaves.

`kernels` reads the files, `loops_to_expressions` the listing, `expressions_to_coordinates` its indices;
`kernel_to_text` puts them together.
"""

from __future__ import annotations

from syno_lang.importer.kernel_to_text import import_kernel
from syno_lang.importer.kernels import Kernel, read_kernels

__all__ = ["Kernel", "import_kernel", "read_kernels"]
