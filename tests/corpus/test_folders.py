"""Each text has its own folder of results."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mstar.corpus.corpora import Corpus, local_corpus
from mstar.corpus.encode import CorpusText, encode_corpus
from mstar.corpus.encoded import write_corpus
from mstar.corpus.folders import LONGEST_NAME, check_folder, slug, whose, write_note
from mstar.files.writing import UserError
from tests.support.workflow import SMOKE, run_snakemake

FILES = {
    "tokens": "tokens.npy",
    "documents": "documents.npy",
    "vocabulary": "vocabulary.tsv",
    "description": "corpus.json",
}


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("x/enwiki-100mb.txt.xz", "enwiki-100mb"),
        ("a/x.tgz", "x"),
        ("x.tar.gz", "x"),
        ("dewiki-pages-articles.xml.7z", "dewiki-pages-articles"),
        ("My Text (1).TXT", "my-text-1-txt"),
        ("books/", "books"),
        ("a/*.txt.gz", "a-txt-gz"),
        ("text8", "text8"),
        ("../..", "text"),
        ("a/{V}.txt", "v"),
        ("Новости_2.txt", "новости-2"),
        ("新闻.txt", "新闻"),
        ("हिन्दी.jsonl", "हिन्दी"),
        ("cafe\u0301.txt", "caf\u00e9"),
        ("\u0301x.txt", "x"),
        ("...", "text"),
    ],
)
def test_names_of_local_corpora(path: str, name: str) -> None:
    assert slug(path) == name


def test_names_too_long_for_a_folder_are_cut_and_still_differ(tmp_path: Path) -> None:
    assert slug("x" * 200) == "x" * 200
    pattern = f"{tmp_path}/" + "/".join(["*name"] * 60) + "/*.{}"
    names = [slug(pattern.format(ending)) for ending in ("txt", "text")]
    assert names[0] != names[1] and names[0][:90] == names[1][:90]
    assert all(re.fullmatch(r"[a-z0-9-]{90,110}", name) for name in names)
    (tmp_path / slug("新" * 200)).mkdir()


@given(st.text(st.characters(exclude_categories=()), min_size=1, max_size=90))
def test_any_name_gives_one_folder_that_nothing_reads_otherwise(text: str) -> None:
    name = slug(text)
    assert len(name.encode()) <= LONGEST_NAME
    assert re.fullmatch(name, name) and not set(name) & set("/\\.*?{}<>$ \0\n")
    assert Corpus(name=name, title="x", document_rule="line", path="x").name == name


@pytest.mark.parametrize("name", ["Mine", "a_b", "-a", "a--b", "", "a/b", "../a", "a\n"])
def test_names_in_the_configuration_are_names_of_folders(name: str) -> None:
    with pytest.raises(ValueError, match="name"):
        Corpus(name=name, title="x", document_rule="line", path="x")


def test_a_text_is_known_by_its_path_below_the_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A project can be moved; elsewhere a digest is used, which hides the machine's paths."""
    project, outside = tmp_path / "project", tmp_path / "corpus.txt"
    (project / "a").mkdir(parents=True)
    (tmp_path / "link").symlink_to(project)
    monkeypatch.chdir(project)
    for path in ("a/corpus.txt", f"{project}/a/corpus.txt", f"{tmp_path}/link/a/./corpus.txt"):
        assert whose(path) == {"text": "a/corpus.txt"}
    assert whose("../corpus.txt") == whose(outside) == whose(f"{tmp_path}/link/../corpus.txt")
    assert whose(outside)["text"] == "corpus.txt"
    assert str(tmp_path) not in json.dumps(whose(outside))
    assert whose(outside) != whose(tmp_path / "b" / "corpus.txt")


def test_a_folder_is_one_texts_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    folder = Path("results/corpus")
    for path in (None, "a/corpus.txt"):
        check_folder(folder, path)
    write_note(folder, "a/corpus.txt")
    check_folder(folder, "a/corpus.txt")
    line = (
        "corpus: {}: results/corpus holds the results of another text, {}: {}remove results/corpus"
    )
    own = "give this one a name of its own (name: NAME, make NAME=NAME), or "
    for path, named, way in (
        ("b/corpus.txt", "b/corpus.txt", own),
        (None, "the corpus corpus", ""),
    ):
        with pytest.raises(UserError) as error:
            check_folder(folder, path)
        assert str(error.value) == line.format(named, "a/corpus.txt", way)
    write_note(folder, "/x/corpus.txt")
    with pytest.raises(UserError) as error:
        check_folder(folder, "a/corpus.txt")
    assert str(error.value) == line.format("a/corpus.txt", "corpus.txt of another folder", own)
    (folder / "text.json").write_text("{")
    with pytest.raises(
        UserError, match=r"^results/corpus/text\.json: cannot be read \(Exp.*again$"
    ):
        check_folder(folder, "a/corpus.txt")


def test_results_without_a_note_are_judged_by_their_description(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("news.txt").write_text("a b")
    corpus = local_corpus("news.txt")
    folder = Path("results/news")
    paths = {key: folder / name for key, name in FILES.items()}
    write_corpus(corpus, encode_corpus(CorpusText(corpus)), **paths)
    check_folder(folder, "news.txt")
    for other in ("News.txt", None):
        with pytest.raises(UserError, match=r"holds the results of another text, news\.txt: "):
            check_folder(folder, other)
    described = json.loads(paths["description"].read_text())
    del described["sources"][0]["path"]  # as for downloaded files
    paths["description"].write_text(json.dumps(described))
    check_folder(folder, None)
    with pytest.raises(UserError, match="another text, the corpus news: "):
        check_folder(folder, "news.txt")


def test_a_second_text_of_one_name_is_refused_before_anything_is_made(
    sources: Path, tmp_path: Path
) -> None:
    project = tmp_path / "project"
    shutil.copytree(sources, project)
    for folder in ("a", "b"):
        (project / folder).mkdir()
        (project / folder / "корпус.txt").write_text(f"the {folder}\nof the\n", encoding="utf-8")
    target = "results/корпус/tokens.npy"

    def run(text: str, *arguments: str) -> tuple[int, str]:
        done = run_snakemake(
            project, *arguments, target, "--config", f"corpus={text}", configfiles=(SMOKE,)
        )
        return done.returncode, done.stdout

    code, said = run("a/корпус.txt")
    assert code == 0, said
    before = (project / target).read_bytes()
    code, said = run("b/корпус.txt")
    assert code != 0 and "Traceback" not in said
    assert (
        "\ncorpus: b/корпус.txt: results/корпус holds the results of another text, a/корпус.txt: "
        in f"\n{said}"
    )
    assert (project / target).read_bytes() == before
    project = project.rename(tmp_path / "moved")
    assert "Nothing to be done" in run("a/корпус.txt", "-n")[1]
    assert run("b/корпус.txt", "-n")[0] != 0
    shutil.rmtree(project / "results" / "корпус")
    assert run("b/корпус.txt", "-n")[0] == 0
