"""The live view: sites with their capacity as bars, jobs, and what happens, in 80 × 24 characters or more."""
from screen import Screen, bar, styled

FINAL = {"COMPLETED": "green", "CANCELLED": "yellow", "FAILED": "red", "TIMEOUT": "red", "OUT_OF_MEMORY": "red",
         "NODE_FAIL": "red"}
KIND_STYLE = {"job_moved": "cyan", "job_finished": "green", "job_refused": "yellow",
              "stage": "bold", "site_alive": "dim", "site_failed": "red"}


def model_of(pool):
    return pool["model"].rpartition("-")[2].removeprefix("ascend") or "cpu"


def pool_text(pool, width):
    """a100 ████░░ 24/32, as wide as `width`."""
    units, free = pool["units"], pool["units_free"]
    used = units - (units if free is None else free)
    count = f"{used}/{units}"
    room = max(4, width - 6 - 9 - 2)
    style = "yellow" if used == units else "green"
    return f"{model_of(pool)[:6]:<6} {bar(used / units if units else 0, room, style)} {count:>9}"


class LiveView:
    def __init__(self, watch):
        self.watch, self.screen = watch, Screen()

    def __enter__(self):
        self.screen.__enter__()
        return self

    def __exit__(self, *_):
        self.screen.__exit__()

    def draw(self):
        with self.watch.lock:
            sites, jobs = dict(self.watch.sites), list(self.watch.jobs.values())
            events, stage, goal = list(self.watch.events), self.watch.stage, self.watch.goal
        columns, rows = self.screen.size()
        lines = self.head(jobs, stage, goal, columns) + self.site_lines(sites, columns)
        room = rows - len(lines) - 2
        job_room = max(3, room // 2)
        lines += [styled(rule("jobs at their origins", columns), "dim"), *self.job_lines(jobs, job_room)]
        lines += [styled(rule("as it happens", columns), "dim")]
        self.screen.show(lines + self.event_lines(events, rows - len(lines)))

    def head(self, jobs, stage, goal, columns):
        counted = [job for job in jobs if not is_array(job, jobs)]
        over = sum(job["state"] in FINAL for job in counted)
        running = sum(job["state"] == "RUNNING" for job in counted)
        passed = self.watch.seconds()
        text = f"{over:>3}/{goal} ended, {running} running  {passed:3.0f} s"
        title = styled("hansa", "bold") + " · Suzhou "
        return [title + bar(over / goal if goal else 0, max(10, columns - 17 - len(text)), "cyan") + " " + text,
                styled("> ", "cyan") + stage]

    def site_lines(self, sites, columns):
        width = (columns - 10) // 2
        lines = []
        for name in self.watch.federation.sites:
            site = sites.get(name)
            if not site or (not site["self"] and site["state"] not in ("alive", "suspect")):
                lines.append(styled(f"{name:<9}", "dim") + styled("not open yet" if not site else site["state"], "dim"))
                continue
            pools = [pool_text(pool, width - 2) for pool in site["pools"]]
            lines.append(styled(f"{name:<9}", "bold") + "  ".join(pools))
        return lines

    def job_lines(self, jobs, room):
        shown = [job for job in jobs if not is_array(job, jobs)]
        active = sorted((job for job in shown if job["state"] not in FINAL), key=interest)
        over = sorted((job for job in shown if job["state"] in FINAL), key=lambda job: job["ended"] or "", reverse=True)
        lines = [job_line(job) for job in [*active, *over][:room]]
        return lines + [""] * (room - len(lines))

    @staticmethod
    def event_lines(events, room):
        recent = events[-room:] if room > 0 else []
        return [styled(f"{when:5.1f}s ", "dim") + coloured(kind, text) for when, kind, text in recent]


def interest(job):
    """Who waits, then who is away from home, then the rest."""
    away = bool(job["host"]) and job["host"] != job["origin"]
    return (job["state"] != "PENDING", not away, job["submitted"], job["id"])


def coloured(kind, text):
    if kind == "job_placed" and "►" in text:
        return styled(text, "cyan")
    return styled(text, KIND_STYLE[kind]) if kind in KIND_STYLE else text


def rule(text, columns):
    return f"── {text} ".ljust(columns, "─")


def is_array(job, jobs):
    """An array's own row stands for tasks that have none yet; those that have are shown for themselves."""
    return job["task"] is None and any(other["id"].startswith(job["id"] + "_") for other in jobs)


def job_line(job):
    style = FINAL.get(job["state"], "bold" if job["state"] == "RUNNING" else "dim")
    away = job["host"] and job["host"] != job["origin"]
    way = styled(f"→ {job['host']:<9}", "cyan") if away else f"  {job['host'] or '':<9}"
    reason = job["reason"] if job["state"] not in FINAL else ""
    tasks = f"{job['array_tasks_waiting']} tasks wait" if job["array_tasks_waiting"] else ""
    return f"{job['id']:<14} {job['name'][:11]:<11} {way} {styled(job['state'].ljust(11), style)} {tasks or reason or job['where']}"
