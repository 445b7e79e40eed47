"""Fetches the photographs that lama-lite is trained on: the files of photographs.tsv, out of the history of public git repositories.

    fetch_photographs.py FOLDER [--from BASE]

Each comes by its git blob, so it is the file that was trained on or it is an error. What is in the folder already is not fetched again.
"""
import argparse
import csv
import hashlib
import os
import subprocess
import tempfile
from collections import defaultdict
from pathlib import Path

MANIFEST = Path(__file__).parent / "photographs.tsv"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--from", dest="base", default="https://github.com", help="what the repositories' names are appended to")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)

    wanted = defaultdict(list)
    with MANIFEST.open(newline="") as manifest:
        for row in csv.DictReader(manifest, delimiter="\t"):
            target = options.folder / f"{row['blob'][:12]}{Path(row['path']).suffix.lower()}"
            if not target.exists():
                wanted[row["repository"]].append((row["blob"], target))
    for repository, files in wanted.items():
        with tempfile.TemporaryDirectory() as clone:
            # Blobs come one by one, as they are asked for: the histories are far larger than what is taken of them.
            git("clone", "--quiet", "--bare", "--filter=blob:none", f"{options.base}/{repository}", clone)
            for blob, target in files:
                write(target, blob, git("-C", clone, "cat-file", "blob", blob))
        print(f"{repository}: {len(files)}", flush=True)
    print(f"{len(list(options.folder.iterdir()))} photographs in {options.folder}")


def git(*arguments: str) -> bytes:
    result = subprocess.run(("git", *arguments), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if result.returncode:
        raise SystemExit(f"git {' '.join(arguments)} failed: {result.stderr.decode(errors='replace').strip()}")
    return result.stdout


def write(target: Path, blob: str, content: bytes) -> None:
    """Whole or not at all."""
    if hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest() != blob:
        raise SystemExit(f"{target.name} is not git blob {blob}: fetch it again")
    part = target.with_suffix(".part")
    part.write_bytes(content)
    os.replace(part, target)


if __name__ == "__main__":
    main()
