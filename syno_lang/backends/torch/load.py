"""The text of an emitted file enters; the class that it defines leaves."""

from __future__ import annotations

import hashlib
import importlib.util
import linecache
import sys
from types import ModuleType
from typing import Any

from syno_lang.diagnostics import fail


def load_class(text: str, name: str) -> type[Any]:
    """Execute `text` as a module of its own and return its class `name`, a `torch.nn.Module`.

    The text is known to tracebacks and to `inspect`, and its instances can be pickled in this process.
    Raises `SynoError` (E0701) where torch is not installed.
    """
    if importlib.util.find_spec("torch") is None:
        raise fail("E0701", "torch is not installed", hint="run pip install 'syno_lang[torch]'")
    module = _module(text)
    found: type[Any] = getattr(module, name)
    return found


def _module(text: str) -> ModuleType:
    """The module of `text`; the same one for the same text."""
    name = f"syno_lang_emitted_{hashlib.blake2b(text.encode(), digest_size=8).hexdigest()}"
    if name in sys.modules:
        return sys.modules[name]
    file = f"<{name}>"
    module = ModuleType(name)
    module.__file__ = file
    # Without a time of change, linecache keeps the entry.
    linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
    code = compile(text, file, "exec")
    sys.modules[name] = module
    try:
        exec(code, module.__dict__)
    except BaseException:
        del sys.modules[name]
        raise
    return module
