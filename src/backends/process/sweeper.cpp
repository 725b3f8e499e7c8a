#include "src/backends/process/sweeper.hpp"

#include <filesystem>

namespace hansa {

Sweeper::Sweeper() : thread_([this] { run(); }) {}

Sweeper::~Sweeper() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void Sweeper::sweep(std::string folder) {
  {
    const std::lock_guard lock(mutex_);
    folders_.push_back(std::move(folder));
  }
  changed_.notify_one();
}

void Sweeper::run() {
  while (true) {
    std::string folder;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return stopping_ || !folders_.empty(); });
      if (stopping_) return;
      folder = std::move(folders_.front());
      folders_.pop_front();
    }
    std::error_code ignored;  // what can't be deleted is tried again by the next daemon
    std::filesystem::remove_all(folder, ignored);
  }
}

}  // namespace hansa
