"""Results in object storage, on a server that speaks S3 (needs the extra ``s3``)."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mstar.corpus.corpora import local_corpus
from tests.support.parts import encode_whole
from tests.support.workflow import SMOKE, planned, run_snakemake

pytest.importorskip("snakemake_storage_plugin_s3", reason="needs snakemake-storage-plugin-s3")
server = pytest.importorskip("moto.server", reason="needs moto[server]")

TARGET = "results/texts/vocabulary.tsv"
STORED = ("--default-storage-provider", "s3", "--default-storage-prefix")


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Return a client of a server that has the bucket ``kept``; the environment knows both."""
    import boto3

    serving = server.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    serving.start()
    address = f"http://127.0.0.1:{serving.get_host_and_port()[1]}"
    for name, value in {
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret of the test",
        "AWS_ENDPOINT_URL": address,
        "NO_PROXY": "127.0.0.1",
    }.items():
        monkeypatch.setenv(name, value)
    found = boto3.client("s3", region_name="us-east-1")
    found.create_bucket(Bucket="kept")
    yield found
    serving.stop()


def test_results_are_kept_in_a_bucket(client: Any, sources: Path, tmp_path: Path) -> None:
    """They are those on a disk, a second run has nothing to do, and no file has the secret."""
    folder = tmp_path / "run"
    shutil.copytree(sources, folder)
    (folder / "texts").mkdir()
    for number in range(2):
        (folder / "texts" / f"{number}.txt").write_text(f"one two two\nthree of {number}\n")
    (folder / "layer.yaml").write_text("corpus: texts")
    layers = (SMOKE, "layer.yaml")
    done = run_snakemake(folder, TARGET, *STORED, "s3://kept/mine", configfiles=layers)
    assert planned(done) == {"encode_corpus": 1}
    listed = client.list_objects_v2(Bucket="kept")["Contents"]
    results = {Path(each["Key"]).name: each["Key"] for each in listed if "/texts/" in each["Key"]}
    expected = tmp_path / "expected"
    encode_whole(local_corpus(folder / "texts"), expected)
    for path in expected.iterdir():
        assert results[path.name] == f"mine/results/texts/{path.name}"
        stored = client.get_object(Bucket="kept", Key=results[path.name])["Body"].read()
        assert stored == path.read_bytes(), path.name
    assert not (folder / "results" / "texts").exists()
    done = run_snakemake(folder, "-n", TARGET, *STORED, "s3://kept/mine", configfiles=layers)
    assert planned(done) == {}
    for path in folder.rglob("*"):
        assert not path.is_file() or b"secret of the test" not in path.read_bytes(), path

    done = run_snakemake(folder, TARGET, *STORED, "s3://kpet/mine", configfiles=layers)
    line = "--default-storage-prefix: s3://kpet: no such bucket: expected one that exists"
    assert done.returncode != 0 and done.stdout.splitlines()[-1] == line
    assert [each["Name"] for each in client.list_buckets()["Buckets"]] == ["kept"]
