"""The requests of an editor enter over standard input, answers and findings leave over standard output."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable
from typing import Any, Final, TypeVar

from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcException
from pygls.lsp.server import LanguageServer

from syno_lang import __version__
from syno_lang.lsp.completion import completion
from syno_lang.lsp.definition import definition, highlights, references
from syno_lang.lsp.diagnostics import findings
from syno_lang.lsp.documents import Document, Documents
from syno_lang.lsp.formatting import formatting
from syno_lang.lsp.hover import hover
from syno_lang.lsp.outline import outline
from syno_lang.lsp.rename import Refused, prepare, rename
from syno_lang.lsp.tokens import LEGEND, tokens

#: How long nothing is typed, in seconds, before a text is checked.
PAUSE: Final = 0.2

R = TypeVar("R")


class SynoServer(LanguageServer):
    """What the server knows: the texts that are open."""

    def __init__(self) -> None:
        # Texts are small, and a whole text cannot be put together wrongly.
        super().__init__("syno", __version__, text_document_sync_kind=lsp.TextDocumentSyncKind.Full)
        self.documents = Documents()

    def document(self, identifier: lsp.TextDocumentIdentifier) -> Document | None:
        """An open document; `None` for one that is not open."""
        text = self.workspace.text_documents.get(identifier.uri)
        if text is None or text.source is None:
            return None
        encoding = self.workspace.position_encoding or lsp.PositionEncodingKind.Utf16
        return self.documents.read(identifier.uri, text.source, encoding)

    def publish(self, uri: str) -> None:
        """Send the findings in an open document."""
        document = self.document(lsp.TextDocumentIdentifier(uri))
        text = self.workspace.text_documents.get(uri)
        if document is not None and text is not None:
            found = lsp.PublishDiagnosticsParams(uri, findings(document), text.version)
            self.text_document_publish_diagnostics(found)

    async def publish_after_pause(self, uri: str, version: int) -> None:
        """Send the findings once nothing more is typed."""
        await asyncio.sleep(PAUSE)
        text = self.workspace.text_documents.get(uri)
        if text is not None and text.version == version:
            self.publish(uri)

    def answer(self, identifier: lsp.TextDocumentIdentifier, make: Callable[[Document], R]) -> R | None:
        """What `make` makes of a document; `None` where that is not open."""
        document = self.document(identifier)
        return None if document is None else make(document)
