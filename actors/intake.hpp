// Intake: how much of one peer may wait for the brain.
//
// Problem: mailboxes of actors have no bound, and the transport reads as fast as a peer sends. Idea: each frame takes a
// pass before it is mailed, and gives it back when the brain is done with it, or nobody will be; a peer has so many
// passes. Beyond them its frames are dropped, which it must expect of any frame (01-wire.md): who needs an answer asks
// again, later each time. Probes and renewals have passes of their own, so that a peer that floods is still seen alive,
// and still sees others.
// Invariant: what waits of one peer is at most its bound, and one frame more when none waits.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>

#include "hansa/types/ids.hpp"

namespace hansa {

struct IntakeBounds {
  std::size_t frames_max = 2'048;
  std::size_t bytes_max = 8u << 20;
  std::size_t urgent_frames_max = 512;
};

class Intake {
 public:
  // Held by a message while it waits.
  using Pass = std::shared_ptr<const void>;

  explicit Intake(IntakeBounds bounds = {}) : bounds_(bounds) {}

  // Null: no room. Any thread; a pass may outlive the intake.
  Pass admit(const SiteName& peer, std::size_t bytes, bool urgent) {
    auto share = share_of(peer);
    if (!share->enter(bytes, urgent, bounds_)) {
      ++refused_total_;
      return nullptr;
    }
    return Pass(static_cast<const void*>(this), [share, bytes, urgent](const void*) { share->leave(bytes, urgent); });
  }

  std::uint64_t refused_total() const { return refused_total_; }

 private:
  struct Share {
    std::mutex mutex;
    std::size_t frames = 0;
    std::size_t bytes = 0;
    std::size_t urgent_frames = 0;

    bool enter(std::size_t size, bool urgent, const IntakeBounds& bounds) {
      const std::lock_guard lock(mutex);
      if (urgent) return urgent_frames < bounds.urgent_frames_max && ++urgent_frames > 0;
      if (frames > 0 && (frames >= bounds.frames_max || bytes + size > bounds.bytes_max)) return false;
      ++frames;
      bytes += size;
      return true;
    }
    void leave(std::size_t size, bool urgent) {
      const std::lock_guard lock(mutex);
      if (urgent) {
        --urgent_frames;
      } else {
        --frames;
        bytes -= size;
      }
    }
  };

  std::shared_ptr<Share> share_of(const SiteName& peer) {
    const std::lock_guard lock(mutex_);
    auto& share = shares_[peer];
    if (!share) share = std::make_shared<Share>();
    return share;
  }

  const IntakeBounds bounds_;
  std::mutex mutex_;
  std::map<SiteName, std::shared_ptr<Share>> shares_;  // of known peers: nobody else's frames come here
  std::atomic<std::uint64_t> refused_total_{0};
};

}  // namespace hansa
