// Outbox: frames on their way from any thread to the transport's own, for one lane of one peer.
//
// It is open only while there is a connection: a frame for a peer that is not there is refused at once, and what waits
// when a connection is lost is dropped, for a probe delivered late would be a false proof of life. It is bounded in
// frames and in bytes; what does not fit is refused. Urgent frames have a line of their own, a sixteenth as long, and
// leave first.
#pragma once

#include <array>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "hansa/ports/transport.hpp"

namespace hansa::transport {

struct OutboxBounds {
  std::size_t frames_max = 0;
  std::size_t bytes_max = 0;
};

enum class PushResult : std::uint8_t { refused, queued, first };  // first: nobody has told the transport's thread yet

class Outbox {
 public:
  explicit Outbox(OutboxBounds bounds) : lines_{Line{sixteenth(bounds)}, Line{bounds}} {}

  PushResult push(std::string frame, Haste haste = Haste::ordinary);
  // As many frames as travel in one message.
  std::vector<std::string> take();
  // Says that the transport's thread has heard of what is here: the next push is `first` again.
  void heard();

  void open();
  // Returns how many frames were dropped.
  std::size_t close();

 private:
  struct Line {
    OutboxBounds bounds;
    std::deque<std::string> frames{};
    std::size_t bytes = 0;

    bool has_room_for(std::size_t size) const {
      return frames.size() < bounds.frames_max && bytes + size <= bounds.bytes_max;
    }
  };
  static OutboxBounds sixteenth(const OutboxBounds& bounds) {
    return {.frames_max = bounds.frames_max / 16 + 1, .bytes_max = bounds.bytes_max / 16 + 1};
  }

  std::mutex mutex_;
  std::array<Line, 2> lines_;  // urgent ones first
  bool open_ = false;
  bool announced_ = false;
};

}  // namespace hansa::transport
