"""Which installations are taken, and what is said of the others."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from importlib.metadata import PackageNotFoundError
from typing import Any

import pytest

from syno_lang import SynoError
from syno_lang.backends.tvm import load


def installed(monkeypatch: pytest.MonkeyPatch, **versions: str) -> None:
    def version(package: str) -> str:
        try:
            return versions[package.replace("-", "_")]
        except KeyError:
            raise PackageNotFoundError(package) from None

    monkeypatch.setattr(load, "version", version)


@pytest.mark.parametrize(
    ("versions", "reason"),
    [
        ({}, "apache-tvm is not installed"),
        ({"apache_tvm": "0.27.0"}, "apache-tvm-ffi is not installed"),
        ({"apache_tvm": "0.24.1", "apache_tvm_ffi": "0.1.12"}, "apache-tvm 0.24.1 does not work"),
        ({"apache_tvm": "0.27.0.post1", "apache_tvm_ffi": "0.1.15.post2"}, "segmentation fault"),
        ({"apache_tvm": "0.28.0", "apache_tvm_ffi": "0.2.0"}, "segmentation fault"),
    ],
)
def test_what_does_not_work_is_refused(
    monkeypatch: pytest.MonkeyPatch, versions: dict[str, str], reason: str
) -> None:
    installed(monkeypatch, **versions)
    calls: tuple[Callable[[], Any], ...] = (partial(load.to_ir_module, ""), partial(load.compile_module, None))
    for call in calls:
        with pytest.raises(SynoError) as caught:
            call()
        (finding,) = caught.value.diagnostics
        assert finding.code == "E0701"
        assert reason in finding.message
        assert "syno-lang[tvm]" in finding.hint


def test_a_broken_installation_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    installed(monkeypatch, apache_tvm="0.27.0.post1", apache_tvm_ffi="0.1.14.post1")
    monkeypatch.setitem(sys.modules, "tvm", None)
    with pytest.raises(SynoError) as caught:
        load.require_tvm()
    assert "cannot be loaded" in caught.value.diagnostics[0].message


def test_this_installation_is_taken() -> None:
    pytest.importorskip("tvm", reason="apache-tvm is not installed")
    load.require_tvm()
