"""A stage program and the values of its sizes enter; the text of a TVM module leaves.

The text is a Python file and a TVMScript source at once: import it and take `Module`, or hand it to
`tvm.script.from_source`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from syno_lang.backends.tvm.dialect import WORDS
from syno_lang.backends.tvm.names import readable
from syno_lang.backends.tvm.nests import Module
from syno_lang.backends.tvm.open_sizes import Open
from syno_lang.lower.stages import StageProgram
from syno_lang.sizes import Size


def emit(
    program: StageProgram,
    sizes: Mapping[str, int],
    dtype: str = "float32",
    *,
    open_sizes: Iterable[str] = (),
) -> str:
    """The text of a module whose `main` takes the inputs, the weights in their order, then the output.

    `sizes` gives every size variable, resolved: all domains are positive whole numbers.  `dtype` is one
    of `DTYPES`, otherwise `ValueError`; 16-bit values are multiplied and summed in float32.
    Sizes named in `open_sizes` need no value: the module serves all of them.  Raises `SynoError` (E1306) for
    one that more depends on than the lengths of loops.
    """
    return render(Module(program, sizes, dtype, open_sizes=tuple(open_sizes)))


def render(module: Module) -> str:
    """The text of a module whose blocks are known."""
    nests = module.all_nests()  # and with them the widest number
    return (
        environment(module.wide)
        .get_template("module.py.j2")
        .render(
            operator=readable(module.program.name),
            sizes={
                readable(name): value
                for name, value in module.sizes.items()
                if Size.variable(name) not in module.open
            },
            unknown=module.open.values(),
            handles=module.handles,
            arguments=module.arguments.values(),
            temporaries=module.temporaries,
            nests=nests,
            dtype=module.dtype,
            wide=module.wide,
            accumulator=module.accumulator,
            # What NumPy, torch and their slices are sure to have; on TVM's default, 64 bytes, they crash.
            alignment=None if module.inside else 2 if module.dtype.endswith("16") else 4,
        )
    )


@lru_cache
def environment(wide: bool = False) -> Environment:
    """Jinja with the words of the dialect; the filter `number` writes an extent, in 64 bits if `wide`."""
    made = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
    )
    made.globals["word"] = WORDS
    made.filters["number"] = _wide if wide else str
    return made


def _wide(value: int) -> str:
    return str(value) if isinstance(value, Open) else f"{WORDS['types']}.int64({value})"
