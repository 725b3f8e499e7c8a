#include "src/staging/disk_sync.hpp"

#include <unistd.h>

#include <cerrno>
#include <utility>

namespace hansa::staging {

DiskSync::DiskSync(Fd folder) : folder_(std::move(folder)), thread_([this] { run(); }) {}

void DiskSync::sync(std::function<void(Status)> done) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return;
    waiting_.push_back(std::move(done));
  }
  changed_.notify_one();
}

void DiskSync::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void DiskSync::run() {
  while (true) {
    std::vector<std::function<void(Status)>> batch;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
      if (stopping_) return;
      batch.swap(waiting_);
    }
    const bool synced = ::syncfs(folder_.get()) == 0;
    const auto status = synced ? success() : Status(file_error("sync", "the state folder", errno));
    for (auto& done : batch) done(status);
  }
}

}  // namespace hansa::staging
