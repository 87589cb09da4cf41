"""A stage program and the values of its sizes enter; the text of a TVM module leaves.

The text is a Python file and a TVMScript source at once: import it and take `Module`, or hand it to
`tvm.script.from_source`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from syno_lang.backends.tvm.dialect import WORDS
from syno_lang.backends.tvm.names import readable
from syno_lang.backends.tvm.nests import DTYPES, Module
from syno_lang.lower.stages import StageProgram


def emit(program: StageProgram, sizes: Mapping[str, int], dtype: str = "float32") -> str:
    """The text of a module whose `main` takes the inputs, the weights in their order, then the output.

    `sizes` gives every size variable, resolved: all domains are positive whole numbers.  `dtype` is one
    of `DTYPES`, otherwise `ValueError`; 16-bit values are multiplied and summed in float32.
    """
    if dtype not in DTYPES:
        raise ValueError(f"dtype is one of {', '.join(DTYPES)}, not {dtype}")
    module = Module(program, sizes, dtype)
    nests = [nest for stage in program.stages for nest in module.nests(stage)]
    template = _environment(module.wide).get_template("module.py.j2")
    return template.render(
        operator=readable(program.name),
        sizes={readable(name): value for name, value in sizes.items()},
        arguments=module.arguments.values(),
        temporaries=module.temporaries,
        nests=nests,
        dtype=dtype,
        accumulator=module.accumulator,
        # What NumPy, torch and their slices are sure to have; the default of TVM, 64 bytes, crashes on them.
        alignment=2 if dtype.endswith("16") else 4,
    )


@lru_cache
def _environment(wide: bool) -> Environment:
    """Jinja with the words of the dialect; the filter `number` writes an extent, in 64 bits if `wide`."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
    )
    environment.globals["word"] = WORDS
    environment.filters["number"] = (lambda value: f"{WORDS['types']}.int64({value})") if wide else str
    return environment
