#include "tests/bench/sync_probe.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <vector>

namespace hansa::bench {

namespace {

constexpr long page_bytes = 4096;
constexpr long pages_at_first = 1024;
constexpr int samples = 300;

void write_page(int descriptor, long page) {
  static const std::array<char, page_bytes> bytes{1};
  if (pwrite(descriptor, bytes.data(), bytes.size(), page * page_bytes) == page_bytes) return;
  std::perror("cannot write the probe's file");
  std::exit(1);
}

}  // namespace

SyncProbe::SyncProbe(const std::filesystem::path& folder) : file_(folder / "sync-probe") {
  descriptor_ = open(file_.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  for (; pages_ < pages_at_first; ++pages_) write_page(descriptor_, pages_);
  fsync(descriptor_);
}

SyncProbe::~SyncProbe() {
  close(descriptor_);
  std::error_code ignored;
  std::filesystem::remove(file_, ignored);
}

void SyncProbe::sync() {
  write_page(descriptor_, next_++ % pages_at_first);
  fdatasync(descriptor_);
}

void SyncProbe::sync_growing() {
  write_page(descriptor_, pages_++);
  fdatasync(descriptor_);
}

double SyncProbe::median_of(void (SyncProbe::*one)()) {
  std::vector<double> taken;
  for (int i = 0; i < samples; ++i) {
    const auto start = std::chrono::steady_clock::now();
    (this->*one)();
    taken.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  std::nth_element(taken.begin(), taken.begin() + samples / 2, taken.end());
  return taken[samples / 2];
}

}  // namespace hansa::bench
