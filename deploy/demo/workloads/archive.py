"""Compresses one of the files that came with the job, and notes the checksums of what came and of what goes back.

usage: archive.py NUMBER  (files of data/ are counted by their names)
"""
import hashlib
import json
import lzma
import os
import sys


def main():
    number = int(sys.argv[1])
    name = sorted(os.listdir("data"))[number]
    with open(os.path.join("data", name), "rb") as file:
        original = file.read()
    packed = lzma.compress(original)
    os.makedirs("packed", exist_ok=True)
    with open(f"packed/{name}.xz", "wb") as out:
        out.write(packed)
    sums = {"name": name, "sha256": hashlib.sha256(original).hexdigest(), "bytes": len(original),
            "packed_sha256": hashlib.sha256(packed).hexdigest()}
    with open(f"packed/{name}.json", "w") as out:
        json.dump(sums, out)
    print(f"{name}: {len(original)} bytes became {len(packed)}")


if __name__ == "__main__":
    main()
