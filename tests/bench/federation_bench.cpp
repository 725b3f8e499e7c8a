// Figures of real daemons on this machine, each beside a reference taken in the same run: the disk's sync, and for the
// command /bin/true. Rates are medians of five.
//
//   hansa_bench_federation PROGRAMS SCRATCH [section…]
#include <signal.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <set>
#include <thread>
#include <vector>

#include "src/clock/time_slice.hpp"
#include "tests/bench/http.hpp"
#include "tests/bench/raw_link.hpp"
#include "tests/bench/site.hpp"
#include "tests/bench/sync_probe.hpp"

namespace {

using namespace hansa::bench;

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

double percentile(std::vector<double> values, double part) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  return values[std::min(values.size() - 1, static_cast<std::size_t>(part * static_cast<double>(values.size())))];
}

double median_of_five(const std::function<double()>& measure) {
  std::vector<double> values;
  for (int i = 0; i < 5; ++i) values.push_back(measure());
  return percentile(values, 0.5);
}

struct Bench {
  std::filesystem::path programs;
  std::filesystem::path scratch;
  double sync_s = 0;

  // The yardstick before and after; a machine that changed meanwhile is said to be busy.
  void beside_syncs(const char* title, const std::function<void()>& section) {
    SyncProbe probe(scratch);
    for (int tries = 0; tries < 3; ++tries) {
      sync_s = probe.median_seconds();
      std::printf("\n## %s\nsync before: %.3f ms\n", title, sync_s * 1e3);
      std::fflush(stdout);
      section();
      const auto after = probe.median_seconds();
      std::printf("sync after: %.3f ms\n", after * 1e3);
      std::fflush(stdout);
      if (std::max(after, sync_s) <= 2 * std::min(after, sync_s)) return;
      std::printf("machine busy: the sync time moved by more than twice; %s\n", tries < 2 ? "again" : "given up");
    }
  }
};

const char* const small_pool = "name=cpu,nodes=1,cpus=1,memory_gb=16";
const char* const big_pool = "name=cpu,nodes=20000,cpus=64,memory_gb=256";

std::string job(const std::string& script, const std::string& more = "") {
  return R"({"name":"bench","script":"#!/bin/sh\n)" + script + R"(\n","resources":{"time_limit_s":3600})" + more + "}";
}

// Fills a site's only core for the whole benchmark.
void block(const BenchSite& site) {
  HttpClient client(site.socket());
  const auto answer = client.post("/v1/jobs", job("sleep 3000"));
  if (answer.status / 100 == 2) return;
  std::fprintf(stderr, "bench: the daemon refuses a job: %s\n", answer.body.c_str());
  std::exit(1);
}

int submit(const BenchSite& site, int count, const std::string& body) {
  HttpClient client(site.socket());
  int good = 0;
  for (int i = 0; i < count; ++i) good += client.post("/v1/jobs", body).status / 100 == 2;
  return good;
}

double submissions_per_second(const BenchSite& site, int clients, int each) {
  const auto body = job("true");
  std::atomic<int> good{0};
  const auto begin = Clock::now();
  std::vector<std::thread> threads;
  for (int i = 0; i < clients; ++i) threads.emplace_back([&] { good += submit(site, each, body); });
  for (auto& thread : threads) thread.join();
  return good / seconds_since(begin);
}

double bulk_per_second(const BenchSite& site, int lines, int requests) {
  std::string body;
  for (int i = 0; i < lines; ++i) body += job("true") + "\n";
  HttpClient client(site.socket());
  const auto begin = Clock::now();
  int good = 0;
  for (int i = 0; i < requests; ++i) {
    if (client.post("/v1/jobs", body, "application/x-ndjson").status / 100 == 2) good += lines;
  }
  return good / seconds_since(begin);
}

void submissions(Bench& bench) {
  BenchSite site(bench.programs, bench.scratch, {.name = "alone", .pools = {small_pool}});
  site.start();
  block(site);
  const auto one = median_of_five([&] { return submissions_per_second(site, 1, 500); });
  const auto growing = SyncProbe(bench.scratch).median_growing_seconds();
  std::printf(
      "one client in sequence: %.0f/s; %.2f of the syncs/s of a log that is appended to (%.0f), %.2f of those "
      "of a file that is overwritten (%.0f)\n",
      one, one * growing, 1 / growing, one * bench.sync_s, 1 / bench.sync_s);
  std::printf("8 clients: %.0f/s\n", median_of_five([&] { return submissions_per_second(site, 8, 300); }));
  std::printf("64 clients: %.0f/s\n", median_of_five([&] { return submissions_per_second(site, 64, 60); }));
  std::printf("bulk, 1,000 to a request: %.0f/s\n", median_of_five([&] { return bulk_per_second(site, 1000, 4); }));
}

void command(Bench& bench) {
  BenchSite site(bench.programs, bench.scratch, {.name = "command", .pools = {small_pool}});
  site.start();
  block(site);
  setenv("HANSA_SOCKET", site.socket().c_str(), 1);
  const auto rate = [](const std::vector<std::string>& words) {
    constexpr int runs = 200;
    const auto begin = Clock::now();
    for (int i = 0; i < runs; ++i) run_program(words);
    return runs / seconds_since(begin);
  };
  const std::vector<std::string> submit{bench.programs / "hansa", "submit", "--time", "1h", "--wrap", "true"};
  const auto ours = median_of_five([&] { return rate(submit); });
  const auto reference = median_of_five([&] { return rate({"/bin/true"}); });
  std::printf("hansa submit in a loop: %.0f/s; /bin/true: %.0f/s; ratio %.2f\n", ours, reference, ours / reference);
}

void trivial(Bench& bench) {
  BenchSite site(bench.programs, bench.scratch,
                 {.name = "trivial", .pools = {"name=cpu,nodes=8,cpus=64,memory_gb=64"}});
  site.start();
  const auto rate = [&] {
    constexpr int count = 400;
    HttpClient events(site.socket());
    events.open_stream("/v1/events");
    std::string body;
    for (int i = 0; i < count; ++i) body += job("true") + "\n";
    const auto begin = Clock::now();
    HttpClient(site.socket()).post("/v1/jobs", body, "application/x-ndjson");
    std::string line;
    for (int ended = 0; ended < count && events.next_line(line);)
      ended += line.find("job_finished") != std::string::npos;
    return count / seconds_since(begin);
  };
  std::printf("trivial jobs, submitted to finished, one site: %.0f/s\n", median_of_five(rate));
}

void wait_for_digest(const BenchSite& site) {
  HttpClient client(site.socket());
  for (int i = 0; i < 500; ++i) {
    const auto body = client.get("/v1/sites").body;
    std::size_t seen = 0;
    for (auto at = body.find("units_free"); at != std::string::npos; at = body.find("units_free", at + 1)) ++seen;
    if (seen >= 2) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

struct Pair {
  BenchSite full;
  BenchSite idle;
  Pair(Bench& bench, const std::string& name, const std::string& backend)
      : full(bench.programs, bench.scratch, {.name = name + "-full", .pools = {small_pool}, .backend = backend}),
        idle(bench.programs, bench.scratch, {.name = name + "-idle", .pools = {big_pool}, .backend = backend}) {
    full.add_peer(idle);
    idle.add_peer(full);
    full.start();
    idle.start();
    block(full);
    wait_for_digest(full);
  }
};

void start_at_peer(Bench& bench) {
  Pair pair(bench, "start", "process");
  const auto marks = bench.scratch / "marks";
  std::filesystem::create_directories(marks);
  std::filesystem::permissions(marks, std::filesystem::perms::all);
  std::vector<double> times;
  HttpClient client(pair.full.socket());
  for (int i = 0; i < 60; ++i) {
    const auto mark = marks / std::to_string(i);
    const auto begin = Clock::now();
    client.post("/v1/jobs", job(": > " + mark.string()));
    while (!std::filesystem::exists(mark) && seconds_since(begin) < 5) {
      std::this_thread::sleep_for(std::chrono::microseconds(200));
    }
    times.push_back(seconds_since(begin));
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  std::printf("submitted at a full site to its process running at an idle peer: p50 %.1f ms, p99 %.1f ms\n",
              percentile(times, 0.5) * 1e3, percentile(times, 0.99) * 1e3);
}

// Submits to a full site, and notes when it has heard Accepted from the other.
class HandoffClient {
 public:
  explicit HandoffClient(const BenchSite& full) : events_(full.socket()), client_(full.socket()) {
    events_.open_stream("/v1/events");
  }

  // Of so many jobs submitted together, from their submission on.
  std::vector<double> times(int together) {
    std::string body, line;
    for (int i = 0; i < together; ++i) body += job("sleep 3000") + "\n";
    std::vector<double> times;
    const auto begin = Clock::now();
    client_.post("/v1/jobs", body, "application/x-ndjson");
    while (times.size() < static_cast<std::size_t>(together) && events_.next_line(line)) {
      if (line.find("job_placed") == std::string::npos || line.find("accepted") == std::string::npos) continue;
      times.push_back(seconds_since(begin));
    }
    return times;
  }

 private:
  HttpClient events_;
  HttpClient client_;
};

// Each sample beside a raw round trip and a sync taken just before it, as cold as itself.
void one_handoff(Bench& bench, const BenchSite& full) {
  const OtherProcess other;
  RawLink raw(other);
  SyncProbe probe(bench.scratch);
  HandoffClient client(full);
  std::vector<double> handoffs, bounds;
  for (int i = 0; i < 200; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    const auto round_trip = raw.round_trip_us() / 1e6;
    const auto begin = Clock::now();
    probe.sync();
    bounds.push_back(2 * round_trip + 3 * seconds_since(begin));
    handoffs.push_back(client.times(1).front());
  }
  const auto p50 = percentile(handoffs, 0.5), bound = percentile(bounds, 0.5);
  std::printf(
      "one handoff on an idle system: p50 %.2f ms, p99 %.2f ms; 2 raw round trips + 3 syncs: p50 %.2f ms; "
      "ratio %.2f\n",
      p50 * 1e3, percentile(handoffs, 0.99) * 1e3, bound * 1e3, p50 / bound);
}

void handoffs(Bench& bench) {
  Pair pair(bench, "handoff", "fake");
  one_handoff(bench, pair.full);
  HandoffClient client(pair.full);
  const auto rate = median_of_five([&] {
    constexpr int count = 4000;
    const auto begin = Clock::now();
    client.times(count);
    return count / seconds_since(begin);
  });
  std::printf("durable handoffs between two sites, submit to Accepted: %.0f/s\n", rate);
}

void memory(Bench& bench) {
  BenchSite site(bench.programs, bench.scratch, {.name = "memory", .pools = {small_pool}});
  site.start();
  block(site);
  const auto idle = site.resident_mib();
  std::printf("resident: idle %.1f MiB", idle);
  int jobs = 0;
  for (const int target : {10'000, 50'000, 100'000}) {
    bulk_per_second(site, 1000, (target - jobs) / 1000);
    jobs = target;
    const auto now = site.resident_mib();
    std::printf("; %d pending %.1f MiB (%.0f bytes a job)", target, now, (now - idle) * 1048576 / target);
    if (target < 50'000) continue;
    site.stop(SIGKILL);
    std::printf("; ready again after kill -9 in %.2f s", site.start());
  }
  std::printf("\n");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc > 1 && std::string(argv[1]) == "--other") be_the_other();
  if (argc < 3) return std::fprintf(stderr, "usage: hansa_bench_federation PROGRAMS SCRATCH [section…]\n"), 2;
  signal(SIGPIPE, SIG_IGN);
  hansa::ask_for_slice(
      hansa::short_slice_ns);  // client and yardstick as the daemon: a neighbour's turn is not measured
  Bench bench{.programs = argv[1], .scratch = argv[2]};
  const std::vector<std::pair<const char*, std::function<void()>>> sections{
      {"submissions", [&] { submissions(bench); }}, {"command", [&] { command(bench); }},
      {"trivial", [&] { trivial(bench); }},         {"start-at-peer", [&] { start_at_peer(bench); }},
      {"handoffs", [&] { handoffs(bench); }},       {"memory", [&] { memory(bench); }},
  };
  const std::set<std::string> wanted(argv + 3, argv + argc);
  for (const auto& [name, section] : sections) {
    if (!wanted.empty() && !wanted.contains(name)) continue;
    int round = 0;
    bench.beside_syncs(name, [&, run = &section] {
      const auto scratch = bench.scratch;
      bench.scratch = scratch / (std::string(name) + std::to_string(round++));
      std::filesystem::create_directories(bench.scratch);
      (*run)();
      bench.scratch = scratch;
    });
  }
}
