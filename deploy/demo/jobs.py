"""The demo's jobs: what is submitted where, how it should end, and what its output files have to show."""
import random
from dataclasses import dataclass, field
from pathlib import Path

import checks

FRAMES = 24
ARCHIVES = 3
MONTHS = 12
EPOCHS = 100
HERE = Path(__file__).parent / "workloads"


@dataclass
class Job:
    title: str
    origin: str
    options: list
    folder: Path                   # where the user stands when submitting
    check: object                  # check(folder of results) -> one line on what was found, or raises CheckFailed
    ends: str = "COMPLETED"
    tasks: int = 1
    array: bool = False
    hosts: set = field(default_factory=set)  # where it must have run; empty: wherever
    id: str = ""
    verdict: str = ""              # what was found in its outputs
    trouble: list = field(default_factory=list)
    judged: bool = False           # its end and its outputs were looked at

    @property
    def name(self):
        return self.options[self.options.index("--name") + 1]


def resources(*words):
    return ["--time", "30m", *words]


def copied(folder: Path, *names):
    """A user's folder with these programs in it: exactly what travels with the job."""
    folder.mkdir(parents=True)
    for name in names:
        (folder / name).write_text((HERE / name).read_text())
    return folder


class Jobs:
    """Makes the users' folders under `desk` and the jobs from them."""

    def __init__(self, desk: Path):
        self.desk = desk

    def service(self, origin, owner, *words):
        folder = self.desk / f"{owner}-{origin}"
        copied(folder, "serve.py", "digits.py")
        return Job(f"{owner}: service", origin,
                   [*resources("--name", owner, "--sites", origin, *words), "--workdir", ".", "--output",
                    "served.json", "--", "python3", "serve.py"],
                   folder, checks.service, ends="CANCELLED", hosts={origin})

    def render(self, origin):
        folder = copied(self.desk / "film", "frame.py")
        return Job("Chuangyiyun: render frames", origin,
                   [*resources("--name", "render", "--array", f"0-{FRAMES - 1}%8", "--cpus", "32"), "--workdir", ".",
                    "--output", "*.png", "--wrap",
                    f"python3 frame.py $HANSA_ARRAY_TASK_ID {FRAMES} $(printf frame%03d.png $HANSA_ARRAY_TASK_ID)"],
                   folder, lambda results: checks.frames(results, FRAMES), tasks=FRAMES, array=True)

    def assemble(self, origin, frames):
        folder = copied(self.desk / "cut", "assemble.py")
        for frame in frames:
            (folder / frame.name).write_bytes(frame.read_bytes())
        return Job("Chuangyiyun: join frames", origin,
                   [*resources("--name", "film"), "--input", "assemble.py", "--input", "frame*.png", "--output",
                    "film.png", "--wrap", "python3 assemble.py film.png frame*.png"],
                   folder, lambda results: checks.film(results, FRAMES))

    def train(self, name, origin, *words, hosts=(), epochs=EPOCHS, ends="COMPLETED"):
        folder = copied(self.desk / name, "train.py", "digits.py")
        check = checks.training if ends == "COMPLETED" else checks.cut_short
        return Job(f"{name}: training", origin,
                   [*resources("--name", name, *words), "--workdir", ".", "--output", "*.json", "--", "python3",
                    "train.py", str(epochs), "7"],
                   folder, check, ends=ends, hosts=set(hosts))

    def archive(self, origin):
        folder = copied(self.desk / "records", "archive.py")
        rng = random.Random(5)
        (folder / "data").mkdir()
        for number in range(ARCHIVES):
            words = [rng.randbytes(6).hex() for _ in range(400)]
            text = " ".join(rng.choice(words) for _ in range(60_000))
            (folder / "data" / f"register{number}.txt").write_text(text)
        return Job("city archive: compress", origin,
                   [*resources("--name", "archive", "--array", f"0-{ARCHIVES - 1}", "--cpus", "8"), "--input",
                    "archive.py", "--input", "data", "--output", "packed/*", "--wrap",
                    "python3 archive.py $HANSA_ARRAY_TASK_ID"],
                   folder, lambda results: checks.archives(results, folder / "data"), tasks=ARCHIVES, array=True)

    def books(self, origin):
        folder = self.ledger("books")
        return Job("small company: books", origin,
                   [*resources("--name", "books", "--array", f"1-{MONTHS}", "--cpus", "64", "--prefer", "cheapest"),
                    "--workdir", ".", "--output", "total-*.json", "--wrap", "python3 books.py $HANSA_ARRAY_TASK_ID"],
                   folder, lambda results: checks.months(results, folder / "ledger.csv", MONTHS), tasks=MONTHS,
                   array=True)

    def year(self, origin, after):
        folder = self.ledger("year")
        return Job("small company: the year", origin,
                   [*resources("--name", "year", "--dependency", f"afterok:{after}", "--prefer", "cheapest"),
                    "--workdir", ".", "--output", "total-*.json", "--", "python3", "books.py", "year"],
                   folder, lambda results: checks.year(results, folder / "ledger.csv"))

    def ledger(self, name):
        folder = copied(self.desk / name, "books.py")
        rng = random.Random(11)
        rows = [f"{rng.randint(1, MONTHS)},{rng.randint(100, 900_000)},{rng.choice((6, 9, 13))}"
                for _ in range(3000)]
        (folder / "ledger.csv").write_text("\n".join(["month,fen,tax_percent", *rows]) + "\n")
        return folder
