"""The requests of an editor enter over standard input, answers and findings leave over standard output."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable
from importlib import metadata
from typing import Final, TypeVar
from urllib.parse import unquote

from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcException
from pygls.lsp.server import LanguageServer
from pygls.workspace import TextDocument

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
    """What the server knows: the texts that are open, and whether the editor said good-bye."""

    def __init__(self) -> None:
        # Texts are small, and one that is sent whole is never put together wrongly.
        kind = lsp.TextDocumentSyncKind.Full
        super().__init__("syno", metadata.version("syno-lang"), text_document_sync_kind=kind)
        self.documents = Documents()
        self.was_shut_down = False

    def document(self, uri: str) -> Document | None:
        """An open document; `None` for one that is not open."""
        text = self._text(uri)
        if text is None:
            return None
        encoding = self.workspace.position_encoding or lsp.PositionEncodingKind.Utf16
        return self.documents.read(uri, text.source, encoding)

    def publish(self, uri: str) -> None:
        """Send the findings in an open document."""
        document, text = self.document(uri), self._text(uri)
        if document is not None and text is not None:
            found = lsp.PublishDiagnosticsParams(uri, findings(document), text.version)
            self.text_document_publish_diagnostics(found)

    async def publish_after_pause(self, uri: str, version: int) -> None:
        """Send the findings, unless something is typed in the meantime."""
        await asyncio.sleep(PAUSE)
        text = self._text(uri)
        if text is not None and text.version == version:
            self.publish(uri)

    def read_again(self) -> None:
        """Read every open text again, since a file that it uses may have changed, and send the findings."""
        for text in self.workspace.text_documents.values():
            self.documents.reread(text.uri)
            self.publish(text.uri)

    def close(self, uri: str) -> None:
        """Forget a document and its findings."""
        self.documents.forget(uri)
        self.text_document_publish_diagnostics(lsp.PublishDiagnosticsParams(uri, []))

    def _text(self, uri: str) -> TextDocument | None:
        found: TextDocument | None = self.workspace.text_documents.get(unquote(uri))
        return found


def make_server() -> SynoServer:
    """A server with every feature."""
    server = SynoServer()
    _follow_texts(server)
    _answer_questions(server)
    _answer_about_names(server)
    return server


def run() -> bool:
    """Serve one editor until it leaves; whether it said good-bye before."""
    if os.environ.get("SYNO_DEBUG") != "1":
        # An editor shows standard error to its users; what they can act on is sent as a message.
        logging.getLogger("pygls").setLevel(logging.CRITICAL)
    server = make_server()
    server.start_io()
    return server.was_shut_down


def _follow_texts(server: SynoServer) -> None:
    """Keep up with what is opened, typed, saved and closed."""

    @server.feature(lsp.TEXT_DOCUMENT_DID_OPEN)
    def did_open(params: lsp.DidOpenTextDocumentParams) -> None:
        server.publish(params.text_document.uri)

    @server.feature(lsp.TEXT_DOCUMENT_DID_CHANGE)
    async def did_change(params: lsp.DidChangeTextDocumentParams) -> None:
        await server.publish_after_pause(params.text_document.uri, params.text_document.version)

    @server.feature(lsp.TEXT_DOCUMENT_DID_SAVE)
    def did_save(params: lsp.DidSaveTextDocumentParams) -> None:
        server.read_again()

    @server.feature(lsp.TEXT_DOCUMENT_DID_CLOSE)
    def did_close(params: lsp.DidCloseTextDocumentParams) -> None:
        server.close(params.text_document.uri)

    @server.feature(lsp.SHUTDOWN)
    def shutdown(params: None) -> None:
        server.was_shut_down = True


def _answer_questions(server: SynoServer) -> None:
    """What is asked about a whole text, or about a place in it where something is written."""

    @server.feature(lsp.TEXT_DOCUMENT_COMPLETION, lsp.CompletionOptions(trigger_characters=[".", "["]))
    def completions(params: lsp.CompletionParams) -> lsp.CompletionList | None:
        document = server.document(params.text_document.uri)
        return completion(document, params.position) if document else None

    @server.feature(lsp.TEXT_DOCUMENT_FORMATTING)
    def formats(params: lsp.DocumentFormattingParams) -> list[lsp.TextEdit] | None:
        document = server.document(params.text_document.uri)
        return formatting(document) if document else None

    @server.feature(lsp.TEXT_DOCUMENT_DOCUMENT_SYMBOL)
    def symbols(params: lsp.DocumentSymbolParams) -> list[lsp.DocumentSymbol] | None:
        document = server.document(params.text_document.uri)
        return outline(document) if document else None

    @server.feature(lsp.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL, LEGEND)
    def colours(params: lsp.SemanticTokensParams) -> lsp.SemanticTokens | None:
        document = server.document(params.text_document.uri)
        return tokens(document) if document else None


def _answer_about_names(server: SynoServer) -> None:
    """What is asked about the name at a place."""

    @server.feature(lsp.TEXT_DOCUMENT_HOVER)
    def hovers(params: lsp.HoverParams) -> lsp.Hover | None:
        document = server.document(params.text_document.uri)
        return hover(document, params.position) if document else None

    @server.feature(lsp.TEXT_DOCUMENT_DEFINITION)
    def defined(params: lsp.DefinitionParams) -> lsp.Location | None:
        document = server.document(params.text_document.uri)
        return definition(document, params.position) if document else None

    @server.feature(lsp.TEXT_DOCUMENT_REFERENCES)
    def referred(params: lsp.ReferenceParams) -> list[lsp.Location] | None:
        document = server.document(params.text_document.uri)
        wanted = params.context.include_declaration
        return references(document, params.position, with_definition=wanted) if document else None

    @server.feature(lsp.TEXT_DOCUMENT_DOCUMENT_HIGHLIGHT)
    def highlighted(params: lsp.DocumentHighlightParams) -> list[lsp.DocumentHighlight] | None:
        document = server.document(params.text_document.uri)
        return highlights(document, params.position) if document else None

    @server.feature(lsp.TEXT_DOCUMENT_PREPARE_RENAME)
    def prepared(params: lsp.PrepareRenameParams) -> lsp.PrepareRenamePlaceholder | None:
        document = server.document(params.text_document.uri)
        return _or_refuse(lambda: prepare(document, params.position)) if document else None

    @server.feature(lsp.TEXT_DOCUMENT_RENAME, lsp.RenameOptions(prepare_provider=True))
    def renamed(params: lsp.RenameParams) -> lsp.WorkspaceEdit | None:
        document = server.document(params.text_document.uri)
        if document is None:
            return None
        edits = _or_refuse(lambda: rename(document, params.position, params.new_name))
        return lsp.WorkspaceEdit({params.text_document.uri: edits})


def _or_refuse(make: Callable[[], R]) -> R:
    """What `make` returns; why it refuses, as an error that an editor shows."""
    try:
        return make()
    except Refused as refused:
        raise JsonRpcException(str(refused), lsp.LSPErrorCodes.RequestFailed) from None
