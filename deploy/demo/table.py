"""The table at the end: job, origin, host, wait, run, why there."""
from datetime import datetime

COLUMNS = ("JOB", "WHAT", "ORIGIN", "HOST", "STATE", "WAIT", "RUN", "WHY THERE")


def seconds_between(first, last):
    if not first or not last:
        return None
    return max(0.0, (datetime.fromisoformat(last) - datetime.fromisoformat(first)).total_seconds())


def spread(values, form):
    """One value, or from the least to the most of an array's tasks."""
    known = [value for value in values if value is not None]
    if not known:
        return "-"
    low, high = form(min(known)), form(max(known))
    return low if low == high else f"{low}-{high}"


def tenths(value):
    return f"{value:.1f}"


def hosts_of(rows):
    counts = {}
    for row in rows:
        counts[row["host"] or "-"] = counts.get(row["host"] or "-", 0) + 1
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return ordered[0][0] if len(ordered) == 1 else " ".join(f"{host} {count}" for host, count in ordered)


def why_there(site, row):
    """The daemon's own sentence; a job that its site could start at once was never put up."""
    answer = site.get(f"/v1/jobs/{row['id']}/why") or {}
    note = answer.get("note")
    if isinstance(note, dict) and note.get("how"):
        return note["how"]
    return "started at once at home" if row["host"] == row["origin"] else ""


def row_of(job, rows, site):
    away = [row for row in rows if row["host"] and row["host"] != row["origin"]] or rows
    return (job.id, job.title, job.origin, hosts_of(rows), "/".join(sorted({row["state"] for row in rows})),
            spread([seconds_between(row["submitted"], row["started"]) for row in rows], tenths),
            spread([seconds_between(row["started"], row["ended"]) for row in rows], tenths),
            why_there(site, away[0]) if away else "")


def print_table(story):
    lines = [row_of(job, story.rows(job), story.at(job)) for job in story.jobs]
    widths = [max(len(line[i]) for line in [COLUMNS, *lines]) for i in range(len(COLUMNS) - 1)]
    for line in [COLUMNS, *lines]:
        print("  ".join([*(cell.ljust(width) for cell, width in zip(line, widths)), line[-1]]).rstrip())
