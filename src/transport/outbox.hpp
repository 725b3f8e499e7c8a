// Outbox: frames on their way from any thread to the transport's own, for one lane of one peer.
//
// It is open only while there is a connection: a frame for a peer that is not there is refused at once, and what waits
// when a connection is lost is dropped, for a probe delivered late would be a false proof of life. It is bounded in
// frames and in bytes; what does not fit is refused.
#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace hansa::transport {

struct OutboxBounds {
  std::size_t frames_max = 0;
  std::size_t bytes_max = 0;
};

enum class PushResult : std::uint8_t { refused, queued, first };  // first: nobody has told the transport's thread yet

class Outbox {
 public:
  explicit Outbox(OutboxBounds bounds) : bounds_(bounds) {}

  PushResult push(std::string frame);
  // As many frames as travel in one message.
  std::vector<std::string> take();
  // Says that the transport's thread has heard of what is here: the next push is `first` again.
  void heard();

  void open();
  // Returns how many frames were dropped.
  std::size_t close();

 private:
  const OutboxBounds bounds_;
  std::mutex mutex_;
  std::deque<std::string> frames_;
  std::size_t bytes_ = 0;
  bool open_ = false;
  bool announced_ = false;
};

}  // namespace hansa::transport
