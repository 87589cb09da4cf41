"""A client of the language server: it starts `syno lsp` as an editor does, and talks to it over its pipes."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60.0

Message = dict[str, Any]


class Failed(Exception):
    """The server answered with an error."""

    def __init__(self, error: Message) -> None:
        self.code, self.message = error["code"], error["message"]
        super().__init__(f"{self.code}: {self.message}")


class Client:
    """One server process."""

    def __init__(self, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "syno_lang", "lsp", *arguments],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )  # fmt: skip
        self.number = 0
        self.answers: dict[Any, queue.Queue[Message]] = {}
        self.heard: queue.Queue[Message] = queue.Queue()
        self.errors = b""
        self.threads = [threading.Thread(target=part, daemon=True) for part in (self._listen, self._drain)]
        for thread in self.threads:
            thread.start()

    def request(self, method: str, params: Any) -> Any:
        """The result of a request.  Raises `Failed` where it is an error."""
        self.number += 1
        answer = self.answers[self.number] = queue.Queue()
        self.send({"jsonrpc": "2.0", "id": self.number, "method": method, "params": params})
        message = answer.get(timeout=PATIENCE)
        if "error" in message:
            raise Failed(message["error"])
        return message["result"]

    def notify(self, method: str, params: Any) -> None:
        """Send a notification."""
        self.send({"jsonrpc": "2.0", "method": method, "params": params})

    def send(self, message: Any) -> None:
        """Send anything as JSON."""
        self.raw(json.dumps(message).encode())

    def raw(self, body: bytes) -> None:
        """Send bytes as the body of a message."""
        assert self.process.stdin is not None
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self.process.stdin.flush()

    def wait_for(self, method: str) -> Any:
        """The parameters of the next notification of this kind; others are dropped."""
        while True:
            message = self.heard.get(timeout=PATIENCE)
            if message["method"] == method:
                return message["params"]

    def start(self, **capabilities: Any) -> Message:
        """Say hello; returns what the server can do."""
        found = self.request("initialize", {"processId": None, "rootUri": None, "capabilities": capabilities})
        self.notify("initialized", {})
        result: Message = found["capabilities"]
        return result

    def open(self, uri: str, text: str, version: int = 1) -> list[Message]:
        """Open a text; returns its findings."""
        item = {"uri": uri, "languageId": "syno", "version": version, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": item})
        return self.findings(uri)

    def change(self, uri: str, text: str, version: int) -> None:
        """Replace a text as a whole."""
        params = {"textDocument": {"uri": uri, "version": version}, "contentChanges": [{"text": text}]}
        self.notify("textDocument/didChange", params)

    def findings(self, uri: str) -> list[Message]:
        """The findings that are sent next about a text."""
        while True:
            params = self.wait_for("textDocument/publishDiagnostics")
            if params["uri"] == uri:
                found: list[Message] = params["diagnostics"]
                return found

    def at(self, method: str, uri: str, line: int, character: int, **more: Any) -> Any:
        """Ask something about a position."""
        place = {"line": line, "character": character}
        return self.request(f"textDocument/{method}", {"textDocument": {"uri": uri}, "position": place, **more})

    def stop(self) -> int:
        """Say good-bye; returns the exit code."""
        self.request("shutdown", None)
        self.notify("exit", None)
        return self.end()

    def end(self) -> int:
        """Wait until the process ends; returns its exit code."""
        code = self.process.wait(PATIENCE)
        for thread in self.threads:
            thread.join(PATIENCE)
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            if stream is not None:
                stream.close()
        return code

    def _listen(self) -> None:
        assert self.process.stdout is not None
        while header := self.process.stdout.readline():
            length = 0
            while header.strip():
                name, _, value = header.partition(b":")
                length = int(value) if name.lower() == b"content-length" else length
                header = self.process.stdout.readline()
            message = json.loads(self.process.stdout.read(length))
            if "method" in message:
                self.heard.put(message)
            elif message.get("id") in self.answers:
                self.answers[message["id"]].put(message)

    def _drain(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.errors += line
