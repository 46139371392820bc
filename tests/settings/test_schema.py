"""The JSON schema for editors is current, and takes the configurations that the workflow takes."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest
import yaml

from mstar.settings.schema import schema
from tests.support.workflow import ROOT

STORED = ROOT / "config" / "schema.json"
FILES = [
    *sorted((ROOT / "config").glob("*.yaml")),
    *sorted((ROOT / "tests" / "data").glob("every_key*.yaml")),
]
CONFIGS = [path for path in FILES if path.stem not in ("claims", "corpora")]


def test_the_stored_schema_is_current() -> None:
    assert json.loads(STORED.read_text("utf-8")) == schema(), "run: make config-docs"


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_configurations_are_valid(path: Any) -> None:
    jsonschema.validate(yaml.safe_load(path.read_text("utf-8")), schema())


@pytest.mark.parametrize(
    "wrong",
    [
        {"vocabularly": 3},
        {"vocabulary": "many"},
        {"factorisations": ["svd"]},
        {"dynamics": {"runs": {"mine": {"estimator": "magic"}}}},
        {"figures": {"fig1": {"modes": "all"}}},
    ],
)
def test_mistakes_are_seen(wrong: dict[str, Any]) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(wrong, schema())


def test_an_empty_key_takes_its_default() -> None:
    jsonschema.validate({"vocabulary": None, "dynamics": {"runs": {"qwem_small": None}}}, schema())
