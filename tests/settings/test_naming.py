"""Named settings have results of their own, and leave what all share as it is."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from mstar.corpus.corpora import Corpus
from mstar.corpus.folders import named_settings, setting_folder, settings_with_results
from mstar.files.writing import UserError
from mstar.settings.config import Config, load
from mstar.settings.naming import check_setting, check_shared, record_shared, shared_settings
from mstar.settings.results import Results
from mstar.settings.study import Study

CORPUS = Corpus(name="mine", title="Mine", document_rule="line", path=".")


def made(setting: str | None, known: bool = False, **changes: Any) -> dict[str, Any]:
    corpus = CORPUS.model_copy(update=changes.pop("corpus", {}))
    return shared_settings(load({"setting": setting, **changes}), corpus, known)


def add_results(root: str, setting: str | None, corpus: str = "mine") -> None:
    Path(setting_folder(root, setting), "figures", corpus).mkdir(parents=True)


def test_only_the_text_and_its_counts_are_shared() -> None:
    results = Results(Study(Config(), CORPUS))
    shared = {results.vocabulary(), results.counts(10000), results.counts(1000)}
    shared.add("<shared>/mine/corpus.json")
    paths = results.evidence().values()
    listed = {each for path in paths for each in ([path] if isinstance(path, str) else path)}
    assert {path for path in listed if path.startswith("<shared>/")} == shared
    assert all(path.startswith("<results>/") for path in listed - shared)
    assert setting_folder("results", None) == "results"
    assert setting_folder("results", "k5") == "results/settings/k5"


def test_a_change_of_what_is_shared_is_refused_once_another_setting_rests_on_it(
    tmp_path: Path,
) -> None:
    root, outputs = str(tmp_path), [f"{tmp_path}/mine/tokens.npy"]
    record_shared(root, "mine", outputs, made(None))
    german = made("k5", corpus={"normaliser": "unicode"})
    check_shared(root, "mine", None, made(None, shards=4), known=False)  # nothing rests on it
    add_results(root, None)
    add_results(root, "k5", corpus="other")
    assert settings_with_results(root, "mine") == [None]
    check_shared(root, "mine", None, made(None, shards=4), known=False)  # its own results
    check_shared(root, "mine", "k5", made("k5", negative=5, vocabulary=5000, dim=90), known=False)
    with pytest.raises(UserError, match=r'^normaliser: "unicode": .*/mine .* "text8"') as refused:
        check_shared(root, "mine", "k5", german, known=False)
    said = str(refused.value)
    assert "(without a name)" in said and "make NAME=NAME" in said and "\n" not in said
    with pytest.raises(UserError, match=r'^out_of_vocabulary: "gap": .*config/corpora\.yaml'):
        check_shared(root, "mine", "k5", made("k5", known=True, out_of_vocabulary="gap"), True)
    add_results(root, "k5")
    with pytest.raises(UserError, match=r"^shards: 4: .*\(k5\)"):
        check_shared(root, "mine", None, made(None, shards=4), known=False)


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"corpus": {"document_rule": "file"}}, "documents"),
        ({"corpus": {"deduplicate": True}}, "deduplicate"),
        ({"field": "body"}, "field"),
        ({"reader": "csv"}, "reader"),
        ({"shards": 2}, "shards"),
        ({"out_of_vocabulary": "gap"}, "out_of_vocabulary"),
    ],
)
def test_every_setting_of_the_shared_files_is_known(changes: dict[str, Any], key: str) -> None:
    other, usual = made(None, **changes), made(None)
    assert [name for name, value in other.items() if value != usual[name]] == [key]
    fields = {*Config.model_fields["words"].annotation.model_fields}  # type: ignore[union-attr]
    assert {name.removeprefix("words.") for name in usual if "." in name} == fields


def test_the_note_is_written_only_if_the_text_is_made_or_counted(tmp_path: Path) -> None:
    root, note = str(tmp_path), tmp_path / "mine" / "shared.json"
    others = [f"{root}/mine/v5-l2/mstar/spectrum.npz", f"{root}/other/tokens.npy"]
    record_shared(root, "mine", others, made(None))
    assert not note.exists()
    record_shared(root, "mine", [f"{root}/mine/v5-l2/cooccurrence.npz"], made(None))
    before = note.stat().st_mtime_ns
    record_shared(root, "mine", [f"{root}/mine/tokens.npy"], made("k5"))
    assert note.stat().st_mtime_ns == before, "written again without a change"
    compared = shared_settings(load({}), CORPUS, known=False, counted=False)
    record_shared(root, "mine", [f"{root}/mine/tokens.npy"], {**compared, "field": "body"})
    text = note.read_text(encoding="utf-8")
    assert '"field": "body"' in text and '"shards": 1' in text
    add_results(root, None)
    note.write_text("[", encoding="utf-8")
    with pytest.raises(UserError, match=r"shared\.json: cannot be read: expected .*; delete it"):
        check_shared(root, "mine", "k5", made("k5"), known=False)


def test_paths_outside_the_folder_are_not_recorded() -> None:
    words = {"stop_words": "/home/me/stop.txt"}
    corpus = CORPUS.model_copy(update={"words": CORPUS.words.model_copy(update=words)})
    assert shared_settings(Config(), corpus, known=False)["words.stop_words"] == "stop.txt"


@pytest.mark.parametrize("name", ["k5", "новости-2", "新闻", "2024"])
def test_letters_of_every_script_are_allowed(name: str) -> None:
    assert load({"setting": name}).setting == name


@pytest.mark.parametrize("name", ["a/b", "../x", "/tmp", "K5", "k 5", ".", "figures", "settings"])
def test_no_setting_has_the_name_of_a_path_or_of_another_folder(name: str) -> None:
    with pytest.raises(UserError, match=rf'^config: setting: "{re.escape(name)}": expected'):
        load({"setting": name})


def test_a_folder_that_is_not_a_setting_s_is_refused(tmp_path: Path) -> None:
    root = str(tmp_path)
    check_setting(root, None)
    check_setting(root, "k5")
    add_results(root, "k5")
    check_setting(root, "k5")
    assert named_settings(root) == ["k5"]
    for file in ("settings/k5/letter.txt", "settings/mine"):
        (tmp_path / file).touch()
    for name, file in (("k5", "letter.txt"), ("mine", "mine")):
        with pytest.raises(UserError, match=rf"^setting: {name}: .* since {file} is a file: .*"):
            check_setting(root, name)
