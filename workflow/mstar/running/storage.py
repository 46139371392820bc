"""Object storage in which Snakemake keeps results."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlparse

from mstar.files.writing import UserError

# What a storage service answers, by the status of its answer.
REASONS = {
    "403": "access is denied: expected credentials that may use it, in the environment",
    "404": "no such bucket: expected one that exists",
}


def check_bucket(provider: Any, prefix: str | None) -> None:
    """Check that results can be kept in a bucket, before Snakemake would create another one.

    Args:
        provider: storage provider of Snakemake's S3 plugin.
        prefix: where results are kept, as in ``s3://bucket/folder``.

    Raises:
        UserError: the bucket does not exist, may not be used, or cannot be reached.
    """
    place = urlparse(prefix or "")
    if place.scheme != "s3" or not place.netloc:
        raise UserError(f"--default-storage-prefix: {prefix}: expected s3://BUCKET/FOLDER")
    try:
        provider.s3c.meta.client.head_bucket(Bucket=place.netloc)
    except Exception as error:  # of boto3, which is not installed by default
        answer = getattr(error, "response", {})
        status = str(answer.get("ResponseMetadata", {}).get("HTTPStatusCode", ""))
        reason = REASONS.get(status, " ".join(f"cannot be reached ({error})".split()))
        raise UserError(f"--default-storage-prefix: s3://{place.netloc}: {reason}") from None
