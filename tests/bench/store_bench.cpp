// The journal's figures: commits, bulk rows, and the load of a full queue, beside the disk's own sync rate.
//
// The folder is a new one in $HANSA_BENCH_DIR, else in the current directory: it must be on the disk that is meant.
// syncs_share is commits/s as a share of the syncs/s taken just before; p50, p99 and max are of single commits.
#include <benchmark/benchmark.h>
#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <numeric>
#include <string>
#include <vector>

#include "src/store/sqlite_store.hpp"
#include "tests/bench/sync_probe.hpp"
#include "tests/support/store_samples.hpp"

namespace hansa::bench {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

// Removed at the end of the program.
class Folder {
 public:
  Folder() {
    const char* parent = std::getenv("HANSA_BENCH_DIR");
    auto pattern = (fs::path(parent ? parent : ".") / "store-bench-XXXXXX").string();
    if (!mkdtemp(pattern.data())) {
      std::perror("cannot make a folder; name one in HANSA_BENCH_DIR");
      std::exit(1);
    }
    path = pattern;
  }
  ~Folder() {
    std::error_code ignored;
    fs::remove_all(path, ignored);
  }
  fs::path path;
};

SyncProbe& probe() {
  static Folder folder;
  static SyncProbe probe(folder.path);
  return probe;
}

std::unique_ptr<SqliteStore> open_store(const fs::path& folder) {
  auto opened = SqliteStore::open(folder, test::sample_store());
  if (opened.ok()) return std::move(*opened);
  std::fprintf(stderr, "%s\n", opened.error().text.c_str());
  std::exit(1);
}

void must_commit(benchmark::State& state, Store& store, const std::vector<StoreRecord>& records) {
  const auto result = store.commit(records);
  if (!result.ok()) state.SkipWithError(result.error().text.c_str());
}

// What single commits took, and what that makes a second.
class Timings {
 public:
  Timings() : sync_seconds_(probe().median_seconds()) {}

  template <class Work>
  void time(Work work) {
    const auto start = Clock::now();
    work();
    taken_.push_back(std::chrono::duration<double>(Clock::now() - start).count());
  }

  void report(benchmark::State& state, std::size_t rows) {
    std::sort(taken_.begin(), taken_.end());
    const double sum = std::accumulate(taken_.begin(), taken_.end(), 0.0);
    const double rate = double(taken_.size()) / sum;
    state.counters["commits/s"] = rate;
    state.counters["rows/s"] = double(rows) / sum;
    state.counters["syncs_share"] = rate * sync_seconds_;
    state.counters["p50_ms"] = milliseconds_at(0.5);
    state.counters["p99_ms"] = milliseconds_at(0.99);
    state.counters["p99.9_ms"] = milliseconds_at(0.999);
    state.counters["max_ms"] = milliseconds_at(1);
  }

 private:
  double milliseconds_at(double share) const {
    return 1e3 * taken_[static_cast<std::size_t>(share * double(taken_.size() - 1))];
  }
  const double sync_seconds_;
  std::vector<double> taken_;
};

// Commits what `next` makes until the time is over.
template <class MakeRecords>
void commit_loop(benchmark::State& state, Store& store, MakeRecords next) {
  Timings timings;
  std::size_t rows = 0;
  for (auto _ : state) {
    state.PauseTiming();
    const auto records = next();
    rows += records.size();
    state.ResumeTiming();
    timings.time([&] { must_commit(state, store, records); });
  }
  timings.report(state, rows);
}

void sync_4k(benchmark::State& state) {
  for (auto _ : state) probe().sync();
  state.counters["syncs/s"] = benchmark::Counter(double(state.iterations()), benchmark::Counter::kIsRate);
}
BENCHMARK(sync_4k)->UseRealTime()->Unit(benchmark::kMillisecond);

void sync_4k_growing(benchmark::State& state) {
  for (auto _ : state) probe().sync_growing();
  state.counters["syncs/s"] = benchmark::Counter(double(state.iterations()), benchmark::Counter::kIsRate);
}
BENCHMARK(sync_4k_growing)->UseRealTime()->Unit(benchmark::kMillisecond);

// New jobs, `batch` to a commit, as records alone.
void commit_jobs(benchmark::State& state) {
  const Shared<JobRequest> request = test::sample_request();
  const Folder folder;
  const auto store = open_store(folder.path);
  std::uint64_t number = 0;
  commit_loop(state, *store, [&] {
    std::vector<StoreRecord> records;
    for (std::int64_t i = 0; i < state.range(0); ++i) records.push_back(PutJob{test::sample_job(++number, request)});
    return records;
  });
}
BENCHMARK(commit_jobs)->Arg(1)->Arg(64)->Arg(10'000)->ArgName("batch")->UseRealTime()->Unit(benchmark::kMillisecond);

// What a submission writes: the record, a script of 1 KiB, the next number.
void commit_submissions(benchmark::State& state) {
  const Shared<JobRequest> request = test::sample_request();
  const EncodedPayload payload = std::string(1024, 'x');
  const Folder folder;
  const auto store = open_store(folder.path);
  std::uint64_t number = 0;
  commit_loop(state, *store, [&] {
    std::vector<StoreRecord> records;
    for (std::int64_t i = 0; i < state.range(0); ++i) {
      records.push_back(PutJob{test::sample_job(++number, request)});
      records.push_back(PutJobPayload{test::sample_job_id(number), payload});
      records.push_back(PutFact{"next job", number + 1});
    }
    return records;
  });
}
BENCHMARK(commit_submissions)
    ->Arg(1)
    ->Arg(64)
    ->Arg(4'096)
    ->ArgName("jobs")
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

// The records of 100,000 jobs change, one a commit, in no order: every commit dirties another page.
void commit_changes(benchmark::State& state) {
  constexpr std::uint64_t jobs = 100'000;
  const Folder folder;
  const Shared<JobRequest> request = test::sample_request();
  const auto store = open_store(folder.path);
  std::vector<StoreRecord> all;
  for (std::uint64_t n = 1; n <= jobs; ++n) all.push_back(PutJob{test::sample_job(n, request)});
  must_commit(state, *store, all);
  std::uint64_t number = 1;
  commit_loop(state, *store, [&] {
    number = (number * 48'271) % 99'991 + 1;
    return std::vector<StoreRecord>{PutJob{test::sample_job(number, request)}};
  });
}
BENCHMARK(commit_changes)->UseRealTime()->Unit(benchmark::kMillisecond);

double heap_bytes() {
  const auto heap = mallinfo2();
  return double(heap.uordblks + heap.hblkhd);
}

// Open and load a journal of so many pending jobs, all alike; bytes_per_job is what they and the
// open store take of the heap.
void load_jobs(benchmark::State& state) {
  const Folder folder;
  {
    const Shared<JobRequest> request = test::sample_request();
    const auto store = open_store(folder.path);
    std::vector<StoreRecord> records;
    for (std::int64_t n = 1; n <= state.range(0); ++n)
      records.push_back(PutJob{test::sample_job(static_cast<std::uint64_t>(n), request)});
    must_commit(state, *store, records);
  }
  double bytes_per_job = 0;
  for (auto _ : state) {
    const double before = heap_bytes();
    const auto store = open_store(folder.path);
    const auto loaded = store->load();
    if (!loaded.ok()) state.SkipWithError(loaded.error().text.c_str());
    bytes_per_job = (heap_bytes() - before) / double(state.range(0));
    benchmark::DoNotOptimize(loaded);
  }
  state.counters["bytes_per_job"] = bytes_per_job;
}
BENCHMARK(load_jobs)->Arg(50'000)->Arg(100'000)->ArgName("jobs")->UseRealTime()->Unit(benchmark::kMillisecond);

int run(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  const double before = probe().median_seconds();
  std::printf("sync before: %.3f ms\n", before * 1e3);
  benchmark::RunSpecifiedBenchmarks();
  const double after = probe().median_seconds();
  std::printf("sync after: %.3f ms\n", after * 1e3);
  if (std::max(before, after) > 2 * std::min(before, after)) std::printf("machine busy: run it again\n");
  return 0;
}

}  // namespace
}  // namespace hansa::bench

int main(int argc, char** argv) {
  return hansa::bench::run(argc, argv);
}
