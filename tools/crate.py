"""Pack a run as a Workflow Run RO-Crate:  python -m tools.crate TEXT  (`make crate`)

TEXT is the name of a results folder, such as encyclopedia. results/report/TEXT/crate.zip gets the
workflow, its configuration, and all figures, tables and pages of the run, described in
ro-crate-metadata.json: what was read (by sha256; texts are not packed), what was made, when and by
which versions, from the run's provenance.json.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml
from rocrate.model import ContextEntity
from rocrate.rocrate import ROCrate

PROFILES = (
    "https://w3id.org/ro/wfrun/process/0.5",
    "https://w3id.org/ro/wfrun/workflow/0.5",
    "https://w3id.org/workflowhub/workflow-ro-crate/1.0",
)
SOURCES = (
    "workflow/**/*",
    "config/*",
    "envs/*",
    "profiles/**/*",
    "README.md",
    "LICENSE",
    "CITATION.cff",
)
MADE = ("figures", "tables", "report")
LICENCE = "https://spdx.org/licenses/MIT"
PAPER = "https://arxiv.org/abs/2502.09863"


def files(root: Path, text: str) -> tuple[list[Path], list[Path]]:
    """Return the source files of the workflow, and what the run made for ``text``."""
    sources = {path for pattern in SOURCES for path in root.glob(pattern)}
    made = {path for kind in MADE for path in (root / "results" / kind / text).glob("**/*")}
    kept = [
        sorted(path for path in paths if path.is_file() and "__pycache__" not in path.parts)
        for paths in (sources, made)
    ]
    return kept[0], [path for path in kept[1] if path.name != "crate.zip"]


def crate(root: Path, text: str) -> ROCrate:
    """Return the crate of a run in the folder ``root``."""
    provenance = json.loads((root / "results/report" / text / "provenance.json").read_text("utf-8"))
    packed = ROCrate(version="1.1")  # on which the profiles build
    sources, made = files(root, text)
    main = packed.add_workflow(
        root / "Snakefile",
        "Snakefile",
        main=True,
        lang="snakemake",
        lang_version=provenance["versions"]["snakemake"]["installed"],
        properties={"name": "What does word2vec learn?", "license": {"@id": LICENCE}},
    )
    for path in sources:
        packed.add_file(path, path.relative_to(root).as_posix())
    results = [_file(packed, path, path.relative_to(root).as_posix()) for path in made]
    settings = packed.get("config/config.yaml")
    read = [
        packed.add_file(
            f"urn:hash::sha256:{each['sha256']}",
            properties={
                "name": each["file"],
                "contentSize": str(each["bytes"]),
                "sha256": each["sha256"],
                "encodingFormat": "application/octet-stream",
            },
        )
        for each in provenance["inputs"]
    ]
    title = provenance["corpus"]["title"]
    host = provenance["host"]
    action = packed.add(
        ContextEntity(
            packed,
            f"#run-{text}",
            properties={
                "@type": "CreateAction",
                "name": f"Run of the workflow on {title}",
                "description": f"On {host['system']} with Python {host['python']}",
                "endTime": provenance["recorded"],
                "actionStatus": {"@id": "http://schema.org/CompletedActionStatus"},
            },
        )
    )
    action["instrument"], action["object"], action["result"] = main, [settings, *read], results
    for url in PROFILES:
        profile = {
            "@type": "CreativeWork",
            "name": url.split("/")[-2],
            "version": url.split("/")[-1],
        }
        packed.add(ContextEntity(packed, url, properties=profile))
    licence = {"@type": "CreativeWork", "name": "MIT License", "identifier": LICENCE}
    paper = {
        "@type": "ScholarlyArticle",
        "name": _title(root),
    }
    dataset = packed.root_dataset
    dataset["conformsTo"] = [{"@id": url} for url in PROFILES]
    dataset["mentions"], dataset["license"] = (
        action,
        packed.add(ContextEntity(packed, LICENCE, licence)),
    )
    dataset["citation"] = packed.add(ContextEntity(packed, PAPER, paper))
    dataset["name"] = f"What word2vec learns from {title}"
    dataset["description"] = "Figures, tables, claims and report of one run of the workflow."
    dataset["datePublished"] = provenance["recorded"]
    return packed


def _title(root: Path) -> str:
    """Return the title of the paper, which CITATION.cff has."""
    cited = yaml.safe_load((root / "CITATION.cff").read_text("utf-8"))
    return str(cited["preferred-citation"]["title"])


def _file(packed: ROCrate, path: Path, name: str) -> Any:
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return packed.add_file(path, name, properties={"sha256": digest})


def main(arguments: Sequence[str] | None = None) -> int | str:
    """Write the crate of the text named; return an exit code, or the message of an error."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("text", nargs="?", default="encyclopedia")
    text = parser.parse_args(arguments).text
    folder = Path("results", "report", text)
    if not (folder / "provenance.json").is_file():
        return f"error: {folder}/provenance.json: no such file: run the workflow on {text} first"
    target = folder / "crate.zip"
    crate(Path.cwd(), text).write_zip(folder / "crate.new.zip")
    (folder / "crate.new.zip").replace(target)
    print(target)
    return 0


if __name__ == "__main__":
    sys.exit(main())
