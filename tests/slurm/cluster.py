"""Run a one-node SLURM on this machine's loopback interface while a test or a command runs.

    python -m tests.slurm.cluster snakemake --workflow-profile profiles/slurm ...

Its "GPUs" are null devices: SLURM counts and assigns them, but they cannot compute.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

# Jobs get no SLURM_CONF (the executor drops such variables), so only the default path works.
ETC = Path("/etc/slurm")
FILES = (ETC / "slurm.conf", ETC / "gres.conf")
COMMANDS = ("munged", "slurmctld", "slurmd", "sbatch", "squeue", "scancel", "scontrol", "sinfo")
# The partitions that profiles/slurm/partitions.yaml names.
CONF = """\
ClusterName=test
SlurmctldHost={node}(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={root}/munge.socket
CredType=cred/munge
SlurmctldPort={ports[0]}
SlurmdPort={ports[1]}
SlurmctldPidFile={root}/slurmctld.pid
SlurmdPidFile={root}/slurmd.pid
StateSaveLocation={root}/state
SlurmdSpoolDir={root}/spool
SlurmctldLogFile={root}/slurmctld.log
SlurmdLogFile={root}/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SchedulerParameters=batch_sched_delay=0,sched_min_interval=200000,bf_interval=1
EnforcePartLimits=ALL
ReturnToService=2
MinJobAge=3600
KillWait=5
GresTypes=gpu
NodeName={node} NodeAddr=127.0.0.1 CPUs={cpus} RealMemory={memory} Gres=gpu:{gpus} State=UNKNOWN
PartitionName=cpu Nodes={node} Default=YES MaxTime=INFINITE State=UP
PartitionName=gpu Nodes={node} Default=NO MaxTime=INFINITE State=UP
"""


def why_not() -> str | None:
    """Return why no cluster can be started here, or None if one can."""
    if os.geteuid() != 0:
        return "SLURM's daemons and device files need root"
    if found := [str(path) for path in FILES if path.exists()]:
        return f"{found[0]} is there: this machine has a cluster of its own"
    if "SLURM_CONF" in os.environ:
        return "SLURM_CONF is set: this machine belongs to a cluster"
    if missing := [name for name in COMMANDS if shutil.which(name) is None]:
        return f"{missing[0]} is not installed (Debian: apt-get install slurm-wlm munge)"
    return None


@contextmanager
def running(root: Path, gpus: int = 2) -> Iterator[None]:
    """Start munged, slurmctld and slurmd with their files in ``root``; stop them at the end.

    Raises:
        RuntimeError: the node did not become idle within 20 seconds; the message has the end of the
            daemons' logs.
    """
    pids: list[int] = []
    made: list[Path] = []
    try:
        _configure(root, gpus, made)
        _daemon(pids, root / "munged.pid", *_munged(root))
        _daemon(pids, root / "slurmctld.pid", "slurmctld", "-i")
        _daemon(pids, root / "slurmd.pid", "slurmd", "-N", _node())
        _wait(root)
        yield
        _cancel()
    finally:
        for pid in reversed(pids):
            _stop(pid)
        for path in made:
            path.unlink()


def _node() -> str:
    return socket.gethostname().split(".")[0]


def _configure(root: Path, gpus: int, made: list[Path]) -> None:
    """Write the files of a cluster, and record in ``made`` those outside ``root``."""
    for folder in ("state", "spool"):
        (root / folder).mkdir()
    for number in range(gpus):
        os.mknod(root / f"nvidia{number}", stat.S_IFCHR | 0o600, os.makedev(1, 3))
    with socket.socket() as first, socket.socket() as second:
        first.bind(("127.0.0.1", 0))
        second.bind(("127.0.0.1", 0))
        ports = first.getsockname()[1], second.getsockname()[1]
    megabytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 20
    settings = {"cpus": os.cpu_count(), "memory": megabytes - 512, "gpus": gpus}
    conf = CONF.format(node=_node(), root=root, ports=ports, **settings)
    gres = f"NodeName={_node()} Name=gpu File={root}/nvidia[0-{gpus - 1}]\n"
    ETC.mkdir(exist_ok=True)
    for path, content in zip(FILES, (conf, gres), strict=True):
        with path.open("x") as stream:  # fails if another cluster has created the file
            made.append(path)
            stream.write(content)


def _munged(root: Path) -> list[str]:
    key = root / "munge.key"
    key.touch(mode=0o600)
    key.write_bytes(os.urandom(1024))
    options = {"key-file": key.name, "socket": "munge.socket", "pid-file": "munged.pid"}
    options |= {"log-file": "munged.log", "seed-file": "munged.seed"}
    return ["munged", "--force", *(f"--{name}={root / file}" for name, file in options.items())]


def _daemon(pids: list[int], record: Path, *command: str) -> None:
    """Start a daemon that forks to the background, and record the process id that it writes."""
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{command[0]}: {done.stderr}")
    for _ in range(100):
        with suppress(OSError, ValueError):
            pids.append(int(record.read_text()))
            return
        time.sleep(0.1)
    raise RuntimeError(f"{command[0]} wrote no {record}")


def _wait(root: Path) -> None:
    for _ in range(100):
        told = subprocess.run(["sinfo", "-h", "-o", "%t"], capture_output=True, text=True).stdout
        if told.split()[:1] == ["idle"]:
            return
        time.sleep(0.2)
    logs = [log.read_text()[-2000:] for log in sorted(root.glob("*.log"))]
    raise RuntimeError("\n".join(["the node is not idle", *logs]))


def _cancel() -> None:
    """Cancel the remaining jobs of this cluster."""
    subprocess.run(["scancel", "--user", "root"])
    for _ in range(50):
        if not subprocess.run(["squeue", "-h"], capture_output=True).stdout:
            return
        time.sleep(0.2)


def _stop(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGTERM)
        for _ in range(100):
            os.kill(pid, 0)
            time.sleep(0.1)
        os.kill(pid, signal.SIGKILL)


def main() -> int:
    """Run the given command with a cluster, and return its exit code."""
    if reason := why_not():
        print(f"no cluster can be started: {reason}", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as folder, running(Path(folder)):
        return subprocess.run(sys.argv[1:]).returncode


if __name__ == "__main__":
    sys.exit(main())
