"""Builds the layers of our base image: `python build.py` in this folder. Needs gcc for this machine and gcc-aarch64-linux-gnu."""

import io
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
COMPILERS = {"amd64": "x86_64-linux-gnu-gcc", "arm64": "aarch64-linux-gnu-gcc"}
FLAGS = [
    "-Os",
    "-static",
    "-nostdlib",
    "-ffreestanding",
    "-fno-stack-protector",
    "-fno-pic",
    "-no-pie",
    "-fno-asynchronous-unwind-tables",
    "-Wl,--build-id=none",
    "-Wl,-z,noseparate-code",
    "-s",
]
FOLDERS = ("bin", "mnt", "models", "proc", "tmp")


def program(compiler: str) -> bytes:
    """Returns the compiled program."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder, "modelcar")
        subprocess.run([compiler, *FLAGS, "-o", target, HERE / "modelcar.c"], check=True)
        return target.read_bytes()


def layer(compiled: bytes) -> bytes:
    """Returns the tar archive: the program, the name `sh` for it, and the folders that KServe needs."""
    output = io.BytesIO()
    with tarfile.open(fileobj=output, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name in FOLDERS:
            info = tarfile.TarInfo(name)
            info.type, info.mode = tarfile.DIRTYPE, 0o1777 if name == "tmp" else 0o755
            archive.addfile(info)
        info = tarfile.TarInfo("modelcar")
        info.size, info.mode = len(compiled), 0o755
        archive.addfile(info, io.BytesIO(compiled))
        info = tarfile.TarInfo("bin/sh")
        info.type, info.linkname, info.mode = tarfile.SYMTYPE, "../modelcar", 0o777
        archive.addfile(info)
    return output.getvalue()


if __name__ == "__main__":
    for architecture, compiler in COMPILERS.items():
        target = HERE.parent / "model_registry_upload_job" / "modelcar" / f"{architecture}.tar"
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(layer(program(compiler)))
        sys.stdout.write(f"{target.name}: {target.stat().st_size} bytes\n")
