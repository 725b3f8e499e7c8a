#include "src/transport/outbox.hpp"

#include <utility>

#include "src/transport/envelope.hpp"

namespace hansa::transport {

PushResult Outbox::push(std::string frame) {
  const std::scoped_lock lock(mutex_);
  if (!open_ || frames_.size() >= bounds_.frames_max || bytes_ + frame.size() > bounds_.bytes_max)
    return PushResult::refused;
  bytes_ += frame.size();
  frames_.push_back(std::move(frame));
  return std::exchange(announced_, true) ? PushResult::queued : PushResult::first;
}

std::vector<std::string> Outbox::take() {
  std::vector<std::string> taken;
  std::size_t packed = 0;
  const std::scoped_lock lock(mutex_);
  while (!frames_.empty()) {
    packed += packed_share(frames_.front());
    if (!taken.empty() && packed > packed_bytes_max) break;
    bytes_ -= frames_.front().size();
    taken.push_back(std::move(frames_.front()));
    frames_.pop_front();
  }
  return taken;
}

void Outbox::heard() {
  const std::scoped_lock lock(mutex_);
  announced_ = false;
}

void Outbox::open() {
  const std::scoped_lock lock(mutex_);
  open_ = true;
}

std::size_t Outbox::close() {
  std::deque<std::string> dropped;
  const std::scoped_lock lock(mutex_);
  open_ = false;
  bytes_ = 0;
  dropped.swap(frames_);
  return dropped.size();
}

}  // namespace hansa::transport
