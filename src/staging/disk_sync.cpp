#include "src/staging/disk_sync.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <set>
#include <utility>

#include "src/staging/fd.hpp"
#include "src/staging/paths.hpp"

namespace hansa::staging {
namespace {

Status sync_path(const std::string& path) {
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!fd.valid()) return errno == ENOENT ? success() : Status(file_error("sync", path, errno));
  return ::fsync(fd.get()) == 0 ? success() : Status(file_error("sync", path, errno));
}

Status sync_all(const std::set<std::string>& paths) {
  for (const auto& path : paths) {
    if (auto synced = sync_path(path); !synced.ok()) return synced;
  }
  return success();
}

// The files, the folders with their names, and the folders with the names of those, which may be new as well.
Status sync_files(const std::set<std::string>& files) {
  std::set<std::string> folders;
  for (const auto& file : files) {
    folders.insert(parent_of(file));
    folders.insert(parent_of(parent_of(file)));
  }
  auto synced = sync_all(files);
  return synced.ok() ? sync_all(folders) : synced;
}

}  // namespace

DiskSync::DiskSync() : thread_([this] { run(); }) {}

void DiskSync::sync(std::vector<std::string> files, std::function<void(Status)> done) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return;
    waiting_.push_back({std::move(files), std::move(done)});
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
    std::vector<Waiting> batch;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
      if (stopping_) return;
      batch.swap(waiting_);
    }
    std::set<std::string> files;
    for (const auto& one : batch) files.insert(one.files.begin(), one.files.end());
    const auto status = sync_files(files);
    for (auto& one : batch) one.done(status);
  }
}

}  // namespace hansa::staging
