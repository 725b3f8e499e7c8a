"""What came back to the origin is opened and looked at; a file that is there proves nothing."""
import csv
import hashlib
import json
import lzma
import struct
import sys
import zlib
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "workloads"))
from assemble import chunks_of  # noqa: E402


class CheckFailed(Exception):
    pass


def need(holds, what):
    if not holds:
        raise CheckFailed(what)


def found(folder: Path, pattern, count):
    files = sorted(path for path in folder.rglob(pattern) if path.is_file())
    need(len(files) == count, f"{len(files)} files {pattern} came back, not {count}")
    return files


def read_json(path: Path):
    try:
        return json.loads(path.read_text())
    except ValueError as error:
        raise CheckFailed(f"{path.name} can't be read: {error}") from error


def read_chunks(path: Path):
    try:
        return list(chunks_of(path.read_bytes()))
    except (ValueError, struct.error) as error:
        raise CheckFailed(f"{path.name} does not open: {error}") from error


def pixels_fit(header, data):
    width, height = struct.unpack_from(">II", header)
    return len(zlib.decompress(data)) == height * (1 + 3 * width)


def frames(results, count):
    for path in found(results, "frame*.png", count):
        parts = dict(read_chunks(path))
        need(pixels_fit(parts[b"IHDR"], parts[b"IDAT"]), f"{path.name} has not all its pixels")
    return f"{count} frames"


def film(results, count):
    path, = found(results, "film.png", 1)
    parts = read_chunks(path)
    header = dict(parts)[b"IHDR"]
    need(struct.unpack_from(">I", dict(parts)[b"acTL"])[0] == count, "film.png has not all its frames")
    shown = [body if kind == b"IDAT" else body[4:] for kind, body in parts if kind in (b"IDAT", b"fdAT")]
    need(len(shown) == count and all(pixels_fit(header, data) for data in shown), "film.png has a torn frame")
    need(len(set(shown)) > count // 2, "nothing moves in film.png")
    return f"film.png opens: {count} frames, {path.stat().st_size // 1024} KiB"


def training(results):
    metrics, weights = (read_json(found(results, name, 1)[0]) for name in ("metrics.json", "weights.json"))
    need(metrics["losses"][-1] < metrics["losses"][0] / 4, "the loss did not fall")
    need(len(weights["second"]) == 10, "the weights are not those of ten digits")
    need(metrics["accuracy"] > 0.5, f"it reads only {metrics['accuracy']:.0%} of the digits")
    devices = len(metrics["devices"].split(",")) if metrics["devices"] else 0
    return f"reads {metrics['accuracy']:.0%} of digits, saw {devices} devices"


def cut_short(results):
    need(not list(results.rglob("weights.json")), "it was cancelled and finished all the same")
    printed = "".join(path.read_text() for path in results.rglob("stdout"))
    need("epoch 1 of" in printed, "nothing shows that it ran before it was cancelled")
    return "stopped before its end"


def service(results):
    served = read_json(found(results, "served.json", 1)[0])
    need(served["served"] > 0 and served["right"] > served["served"] // 2, "it did not serve well")
    return f"served {served['served']} requests until told to end"


def archives(results, originals: Path):
    before = after = 0
    for original in sorted(originals.iterdir()):
        packed, = found(results, original.name + ".xz", 1)
        sums = read_json(found(results, original.name + ".json", 1)[0])
        data = packed.read_bytes()
        need(hashlib.sha256(data).hexdigest() == sums["packed_sha256"], f"{packed.name} was changed on its way")
        need(lzma.decompress(data) == original.read_bytes(), f"{packed.name} is not {original.name}")
        before, after = before + original.stat().st_size, after + len(data)
    return f"{before // 1024} KiB became {after // 1024}, the same when unpacked"


def sums_of(ledger: Path, month=None):
    with open(ledger, newline="", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if month in (None, row["month"])]
    return len(rows), sum(int(row["fen"]) for row in rows)


def same_sums(path: Path, ledger: Path, month=None):
    total = read_json(path)
    need((total["rows"], total["revenue_fen"]) == sums_of(ledger, month), f"{path.name} adds up wrongly")
    return total


def months(results, ledger, count):
    for path in found(results, "total-*.json", count):
        same_sums(path, ledger, path.stem.removeprefix("total-"))
    return f"{count} months add up"


def year(results, ledger):
    total = same_sums(found(results, "total-year.json", 1)[0], ledger)
    return f"{total['rows']} rows, {total['revenue_fen'] / 1e8:.2f} million yuan"
