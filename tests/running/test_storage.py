"""Messages about object storage; tests/project/test_storage.py keeps results in some."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from mstar.files.writing import UserError
from mstar.running.storage import check_bucket


class Answer(Exception):
    """An error of boto3."""

    def __init__(self, status: int) -> None:
        super().__init__(f"An error occurred ({status})")
        self.response = {"ResponseMetadata": {"HTTPStatusCode": status}}


def provider(error: Exception | None, asked: list[str]) -> Any:
    """Return a storage provider whose service answers with ``error``."""

    def head_bucket(Bucket: str) -> None:
        asked.append(Bucket)
        if error is not None:
            raise error

    client = SimpleNamespace(head_bucket=head_bucket)
    return SimpleNamespace(s3c=SimpleNamespace(meta=SimpleNamespace(client=client)))


def test_a_bucket_that_can_be_used_is_accepted() -> None:
    asked: list[str] = []
    check_bucket(provider(None, asked), "s3://kept/some/folder")
    assert asked == ["kept"]


@pytest.mark.parametrize(
    ("prefix", "error", "said"),
    [
        ("s3://kept/mine", Answer(404), "s3://kept: no such bucket: expected one that exists"),
        ("s3://kept/mine", Answer(403), "s3://kept: access is denied: expected credentials that "),
        ("s3://kept", Answer(500), "s3://kept: cannot be reached (An error occurred (500))"),
        ("s3://kept", OSError("no\nroute"), "s3://kept: cannot be reached (no route)"),
        ("kept/mine", None, "kept/mine: expected s3://BUCKET/FOLDER"),
        (None, None, "None: expected s3://BUCKET/FOLDER"),
    ],
)
def test_any_other_is_named(prefix: str | None, error: Exception | None, said: str) -> None:
    with pytest.raises(UserError) as raised:
        check_bucket(provider(error, []), prefix)
    assert str(raised.value).startswith(f"--default-storage-prefix: {said}")
    assert "\n" not in str(raised.value)
