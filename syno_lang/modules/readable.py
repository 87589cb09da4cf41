"""A definition enters, a text that reads back to it leaves, with the permissions that it needs."""

from __future__ import annotations

from dataclasses import replace

from syno_lang.diagnostics import Source, SynoError
from syno_lang.ir.definition import Definition
from syno_lang.ir.print import formula
from syno_lang.ir.quality import ALLOWABLE
from syno_lang.modules.load import Loader


def readable(definition: Definition) -> str:
    """The formula of a definition that was made and not read, such as a normal form."""
    text = formula(definition)
    try:
        Loader(()).text(Source("<text>", text))
    except SynoError as error:
        codes = {item.code for item in error.diagnostics}
        allowed = {name for name, code in ALLOWABLE.items() if code in codes}
        text = formula(replace(definition, allowed=definition.allowed | allowed))
    return text
