"""The configuration as a JSON schema, for editors: ``python -m mstar.settings.schema``."""

from __future__ import annotations

import json
from typing import Any

from mstar.settings.config import Config

DIALECT = "https://json-schema.org/draft/2020-12/schema"
# What a property keeps outside its alternatives.
ABOUT = ("title", "description", "default")


def schema() -> dict[str, Any]:
    """Return the JSON schema of a configuration file.

    Files are layers, so no key is required, and a key may be null, which gives it its default.
    """
    found = Config.model_json_schema()
    for section in (found, *found["$defs"].values()):
        section.pop("required", None)
        for name, value in section.get("properties", {}).items():
            about = {key: value.pop(key) for key in ABOUT if key in value}
            if isinstance(each := value.get("additionalProperties"), dict):
                value["additionalProperties"] = {"anyOf": [each, {"type": "null"}]}
            section["properties"][name] = {**about, "anyOf": [value, {"type": "null"}]}
    return {"$schema": DIALECT, **found, "title": "Configuration of the workflow"}


if __name__ == "__main__":
    print(json.dumps(schema(), indent=1, ensure_ascii=False))
