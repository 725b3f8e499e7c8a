#include "src/transport/outbox.hpp"

#include <utility>

#include "src/transport/envelope.hpp"

namespace hansa::transport {

PushResult Outbox::push(std::string frame, Haste haste) {
  const std::scoped_lock lock(mutex_);
  auto& line = lines_[haste == Haste::urgent ? 0 : 1];
  if (!open_ || !line.has_room_for(frame.size())) return PushResult::refused;
  line.bytes += frame.size();
  line.frames.push_back(std::move(frame));
  return std::exchange(announced_, true) ? PushResult::queued : PushResult::first;
}

std::vector<std::string> Outbox::take() {
  std::vector<std::string> taken;
  std::size_t packed = 0;
  const std::scoped_lock lock(mutex_);
  for (auto& line : lines_) {
    while (!line.frames.empty()) {
      packed += packed_share(line.frames.front());
      if (!taken.empty() && packed > packed_bytes_max) return taken;
      line.bytes -= line.frames.front().size();
      taken.push_back(std::move(line.frames.front()));
      line.frames.pop_front();
    }
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
  std::array<std::deque<std::string>, 2> dropped;
  const std::scoped_lock lock(mutex_);
  open_ = false;
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    lines_[i].bytes = 0;
    dropped[i].swap(lines_[i].frames);
  }
  return dropped[0].size() + dropped[1].size();
}

}  // namespace hansa::transport
