"""The server as an editor meets it: a process that is talked to over its standard input and output."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from syno_lang.cli.main import main
from tests.lsp.client import Client, Failed

URI = "file:///nowhere/my%20ops.syno"
WRONG = "operator f<N>(x: [N]) -> [N] { out[i] = x[j] }\n"
RIGHT = """\
# 😀
operator f<N; k = 3>(x: [N], weight w: [k]) -> [N] {
    out[i] =  sum[r: k] x[unfold(i, r)] * w[r]
}
"""


@pytest.fixture
def client() -> Iterator[Client]:
    client = Client("--stdio")
    yield client
    if client.process.poll() is None:
        client.process.kill()
        client.end()


def test_a_whole_session(client: Client) -> None:
    able = client.start()
    assert able["positionEncoding"] == "utf-16"
    for name in ("hover", "definition", "references", "documentHighlight", "documentFormatting", "documentSymbol", "rename"):
        assert able[f"{name}Provider"], name
    assert able["completionProvider"]["triggerCharacters"] == [".", "["]

    (finding,) = client.open(URI, WRONG)
    assert (finding["code"], finding["range"]["start"]) == ("E0201", {"line": 0, "character": 42})

    client.change(URI, RIGHT, 2)
    assert client.findings(URI) == []

    hover = client.at("hover", URI, 2, 27)
    assert "unfold(i, j)" in hover["contents"]["value"]
    definition = client.at("definition", URI, 2, 43)
    assert (definition["uri"], definition["range"]["start"]) == (URI, {"line": 1, "character": 36})
    references = client.at("references", URI, 2, 45, context={"includeDeclaration": True})
    assert [item["range"]["start"]["character"] for item in references] == [18, 36, 44]
    completion = client.at("completion", URI, 2, 36)
    assert {"i", "r", "unfold", "k"} <= {item["label"] for item in completion["items"]}

    assert client.at("prepareRename", URI, 2, 45)["placeholder"] == "r"
    edit = client.at("rename", URI, 2, 45, newName="row")
    assert [item["newText"] for item in edit["changes"][URI]] == ["row"] * 3
    with pytest.raises(Failed, match="`i` is the name of a coordinate already"):
        client.at("rename", URI, 2, 45, newName="i")

    about = {"textDocument": {"uri": URI}}
    (change,) = client.request("textDocument/formatting", {**about, "options": {"tabSize": 4, "insertSpaces": True}})
    assert change["newText"] == "    out[i] = sum[r: k] x[unfold(i, r)] * w[r]\n"
    (operator,) = client.request("textDocument/documentSymbol", about)
    assert operator["name"] == "f"
    assert client.request("textDocument/semanticTokens/full", about)["data"][:5] == [1, 9, 1, 0, 1]

    client.notify("textDocument/didClose", about)
    assert client.findings(URI) == []
    assert client.stop() == 0
    assert client.errors == b""


def test_what_is_typed_is_checked_in_a_pause(client: Client) -> None:
    client.start()
    assert client.open(URI, RIGHT) == []
    for version in range(2, 12):
        client.change(URI, RIGHT[:-version], version)
    client.change(URI, WRONG, 12)
    sent = [client.wait_for("textDocument/publishDiagnostics")]
    while sent[-1]["version"] < 12:
        sent.append(client.wait_for("textDocument/publishDiagnostics"))
    # One at the end; more only where the machine stops between two of the changes.
    assert len(sent) < 11
    params = sent[-1]
    assert [item["code"] for item in params["diagnostics"]] == ["E0201"]
    # A request in between reads what was typed up to then.
    client.change(URI, RIGHT.replace("w[r]", "w["), 13)
    assert "x: [N]" in client.at("hover", URI, 1, 21)["contents"]["value"]
    assert [item["code"] for item in client.findings(URI)] == ["E0101"]
    assert client.heard.empty()


@pytest.mark.parametrize(("encoding", "character"), [("utf-8", 19), ("utf-16", 17), ("utf-32", 16)])
def test_encodings(client: Client, encoding: str, character: int) -> None:
    able = client.start(general={"positionEncodings": [encoding]})
    assert able["positionEncoding"] == encoding
    (finding,) = client.open(URI, "operator f ( ) 😀")
    start = finding["range"]["start"]["character"]
    assert (start, finding["range"]["end"]["character"]) == (15, character)


def test_a_used_file_that_changes(client: Client, tmp_path: Path) -> None:
    other = tmp_path / "ops.syno"
    other.write_text(WRONG, encoding="utf-8")
    uri = (tmp_path / "main.syno").as_uri()
    client.start()
    assert [item["code"] for item in client.open(uri, "use ops.f\ntest f { equals f }\n")] == ["E0201"]
    other.write_text(WRONG.replace("x[j]", "x[i]"), encoding="utf-8")
    client.notify("textDocument/didSave", {"textDocument": {"uri": uri}})
    assert client.findings(uri) == []


def test_documents_that_are_not_open(client: Client) -> None:
    client.start()
    assert client.at("hover", "file:///nowhere/else.syno", 0, 0) is None
    assert client.at("completion", "untitled:Untitled-1", 0, 0) is None
    assert client.at("rename", "file:///nowhere/else.syno", 0, 0, newName="x") is None
    client.notify("textDocument/didSave", {"textDocument": {"uri": "file:///nowhere/else.syno"}})
    client.notify("textDocument/didClose", {"textDocument": {"uri": "file:///nowhere/else.syno"}})
    client.change("file:///nowhere/else.syno", "x", 3)
    assert client.open("untitled:Untitled-1", WRONG)[0]["code"] == "E0201"
    assert client.at("hover", "untitled:Untitled-1", 999, 999) is None


def test_malformed_messages(client: Client) -> None:
    client.start()
    for body in (b"{", b"[]", b"7", b"\xff\xfe", b'"text"', b"null", b'{"jsonrpc": "2.0"}', b'{"jsonrpc": "2.0", "id": 1}'):
        client.raw(body)
    client.send({"jsonrpc": "2.0", "id": 900, "method": "textDocument/hover", "params": {"nothing": 1}})
    client.notify("textDocument/didOpen", {"textDocument": None})
    client.notify("nothing/known", [1])
    with pytest.raises(Failed):
        client.request("nothing/known", {})
    assert client.open(URI, WRONG)[0]["code"] == "E0201"
    assert client.stop() == 0


def test_texts_that_nobody_writes(client: Client) -> None:
    client.start()
    texts = ["\x00", "\ud800 operator", "\r\r\r", "operator f<" * 500, "x" * 100_000, "\u2028\x0c", "(" * 5000]
    for number, text in enumerate(texts):
        found = client.open(f"file:///nowhere/{number}.syno", text)
        assert all(item["code"].startswith("E") for item in found)
        client.at("completion", f"file:///nowhere/{number}.syno", 0, 5)
    assert client.stop() == 0


def test_an_editor_that_goes_away(client: Client) -> None:
    client.start()
    assert client.process.stdin is not None
    client.process.stdin.close()
    assert client.process.wait(60) == 1


def test_exit_without_good_bye(client: Client) -> None:
    client.start()
    client.notify("exit", None)
    assert client.end() == 1


def test_without_pygls(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setitem(sys.modules, "pygls", None)
    assert main(["lsp"]) == 1
    error = capsys.readouterr().err
    assert "E0701" in error and "syno-lang[lsp]" in error
