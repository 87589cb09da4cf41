"""A dotted path in a document enters, the file that it names and the operator in it leave."""

from __future__ import annotations

from syno_lang.diagnostics import fail
from syno_lang.lsp.documents import Document
from syno_lang.modules.find import Places, find, search_path
from syno_lang.syntax import ast
from syno_lang.syntax.parse import parse, read


def file_of(document: Document, path: ast.Path) -> str:
    """The file that holds the definition `path`.  Raises `SynoError` (E0901) where there is none."""
    return find(path, Places(document.reading.beside, search_path()))


def defined_elsewhere(document: Document, path: ast.Path) -> tuple[str, ast.Operator]:
    """The file that `path` names and the operator in it.

    Raises `SynoError`: E0901, E0903, and what is wrong with the text of the file.
    """
    file = file_of(document, path)
    name = path.names[-1].text
    for node in parse(read(file)).operators:
        if node.name.text == name:
            return file, node
    raise fail("E0903", f"{file} does not define `{name}`", span=path.span)
