"""`make list` says what results there are."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from mstar.report.inventory import inventory, main


def test_texts_settings_sizes_and_dates_are_listed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert inventory(tmp_path).empty and main([str(tmp_path)]) == 0
    assert "make CORPUS=path/to/text.txt" in capsys.readouterr().out
    for name in ("b", "a"):
        (tmp_path / name).mkdir()
        known = {"title": f"{name}\x1b[2J.txt", "tokens": 1234}
        (tmp_path / name / "corpus.json").write_text(json.dumps(known), encoding="utf-8")
    for place in ("v1000-l16/d50/svd_mstar/seed0", "v1000-l16/d8/qwem/seed1", "v90-l16/d8/x/seed0"):
        file = tmp_path / "a" / place / "embedding.npz"
        file.parent.mkdir(parents=True)
        file.write_bytes(bytes(1_500_000))
        os.utime(file, (0, 86_400 * 365))
    (tmp_path / "figures").mkdir()
    other = tmp_path / "settings/k5/a/v1000-l16/d50/qwem/seed1/embedding.npz"
    other.parent.mkdir(parents=True)
    other.write_bytes(bytes(500_000))
    (tmp_path / "settings/k5/report/a").mkdir(parents=True)
    (tmp_path / "settings/k5/report/a/report.html").touch()
    (tmp_path / "report" / "a").mkdir(parents=True)
    (tmp_path / "report" / "a" / "report.html").touch()
    found = inventory(tmp_path)
    shown = ["results", "setting", "words", "V", "window", "d", "models", "MB"]
    assert found[shown].values.tolist() == [
        ["a", "-", "1,234", "90", "16", "8", 1, "1.5"],
        ["a", "-", "1,234", "1000", "16", "8, 50", 2, "3.0"],
        ["a", "k5", "1,234", "1000", "16", "50", 1, "0.5"],
        ["b", "-", "1,234", "-", "-", "-", 0, "0.0"],
    ]
    assert list(found["changed"].str[:4])[:2] == ["1971", "1971"]
    assert main([str(tmp_path)]) == 0
    out = capsys.readouterr().out
    assert "\x1b" not in out and f"{tmp_path}/report/a/report.html" in out
    assert f"{tmp_path}/settings/k5/report/a/report.html" in out
