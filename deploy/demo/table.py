"""The end of the demo: the table (job, origin, host, wait, run, why there) and what came home."""
import shutil
import textwrap
from datetime import datetime

from story import FINAL

COLUMNS = ("JOB", "ORIGIN", "HOST", "WAIT S", "RUN S", "WHY THERE")
WHY_WIDTH_MIN = 44
PIPE_WIDTH = 160


def seconds_between(first, last):
    if not first or not last:
        return None
    return max(0.0, (datetime.fromisoformat(last) - datetime.fromisoformat(first)).total_seconds())


def spread(values):
    """One value, or from the least to the most of an array's tasks."""
    known = [value for value in values if value is not None]
    if not known:
        return "-"
    low, high = f"{min(known):.1f}", f"{max(known):.1f}"
    return low if low == high else f"{low}-{high}"


def hosts_of(rows):
    """How many tasks ran where, most first."""
    counts = {}
    for row in rows:
        counts[row["host"] or "-"] = counts.get(row["host"] or "-", 0) + 1
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def host_cell(rows):
    """taihu, or where an array was split: taicang +2."""
    hosts = hosts_of(rows)
    if not hosts:
        return "-"
    return hosts[0][0] + (f" +{len(hosts) - 1}" if len(hosts) > 1 else "")


def split_of(rows):
    hosts = hosts_of(rows)
    if len(hosts) < 2:
        return ""
    return ", ".join(f"{count} at {host}" for host, count in hosts) + "; "


def why_there(site, rows, wants_cheapest):
    """The daemon's own sentence on one that went away, else on one that stayed."""
    row = next((row for row in rows if row["host"] and row["host"] != row["origin"]), rows[0] if rows else None)
    if row is None:
        return ""
    note = (site.get(f"/v1/jobs/{row['id']}/why") or {}).get("note")
    if isinstance(note, dict) and note.get("how"):
        return sentence_of(note, wants_cheapest)
    return "this site could start it at once" if row["host"] == row["origin"] else ""


def sentence_of(note, wants_cheapest):
    """The daemon's sentence; for a job that asked for the cheapest, the prices that it was given."""
    home = next((site for site in note["sites"] if site["part"] == "home"), None)
    there = next((site for site in note["sites"] if site["part"] == "bid" and site["chosen"]), None)
    if there and home is None:
        return f"nothing here could run it; {note['how']}"
    if wants_cheapest and there:
        return f"cheapest: {there['price_per_hour']:.2f} an hour at {there['site']}, {home['price_per_hour']:.2f} here"
    return note["how"]


def cells_of(job, rows, site):
    waits = [seconds_between(row["submitted"], row["started"]) for row in rows]
    runs = [seconds_between(row["started"], row["ended"]) for row in rows]
    return (f"{job.id} {job.name}", job.origin, host_cell(rows), spread(waits), spread(runs),
            split_of(rows) + why_there(site, rows, "cheapest" in job.options))


def lines_of(cells, widths, columns):
    """One line, or with the reason below where the terminal is too narrow for it."""
    plain = "  ".join(cell.ljust(width) for cell, width in zip(cells, widths))
    room = columns - len(plain) - 2
    if room >= WHY_WIDTH_MIN:
        why = textwrap.wrap(cells[-1], room) or [""]
        return [f"{plain}  {why[0]}".rstrip()] + [" " * (len(plain) + 2) + more for more in why[1:]]
    indent = "    "
    return [plain.rstrip()] + textwrap.wrap(cells[-1], columns, initial_indent=indent, subsequent_indent=indent)


def print_table(story):
    columns = shutil.get_terminal_size((PIPE_WIDTH, 50)).columns
    table = [COLUMNS, *(cells_of(job, story.rows(job), story.at(job)) for job in story.jobs)]
    widths = [max(len(cells[i]) for cells in table) for i in range(len(COLUMNS) - 1)]
    for cells in table:
        print("\n".join(lines_of(cells, widths, columns)))


def print_unfinished(story):
    """What a demo that failed was waiting for: without it nobody could tell why afterwards."""
    for job in story.jobs:
        for row in story.rows(job):
            if row["state"] in FINAL and row["outputs_home"]:
                continue
            print(f"  {row['id']} is {row['state']} {row['reason']} at {row['host'] or 'no site'}, outputs "
                  f"{'home' if row['outputs_home'] else 'not home'}, last heard of {row['age_s']:.0f} s ago")
        if len(story.rows(job)) != job.tasks:
            print(f"  {job.id}: {len(story.rows(job))} of {job.tasks} tasks are known")
    for site in story.federation.running():
        print(f"  {site.name}'s last word: {site.last_words()}")


def mark_of(job):
    if job.trouble:
        return "NOT"
    return "ok " if job.judged else "?  "


def print_verdicts(story):
    print("\nWhat came home, opened and looked at:")
    for job in story.jobs:
        state = "/".join(sorted({row["state"] for row in story.rows(job)})) or "unknown"
        print(f"  {mark_of(job)} {job.id + ' ' + job.name:<19} {state:<9} {job.verdict}".rstrip())
        for trouble in job.trouble:
            print(f"      {trouble}")
    if story.refused:
        text = f"ok  refused, as it should be: {story.refused}"
        columns = shutil.get_terminal_size((PIPE_WIDTH, 50)).columns
        print(textwrap.fill(text, columns, initial_indent="  ", subsequent_indent="      "))
