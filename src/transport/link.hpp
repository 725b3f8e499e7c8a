// Link: which of two connections to a peer carries frames.
//
// Both sides may dial, so that there can be two connections: the one dialled here and the one accepted here. The one
// dialled by the side with the smaller transport key is preferred; both sides compute the same. It carries frames
// whenever it is up, and coming up it retires the other for good: the other side has turned away from it too, or will.
// A connection that came up later than the preferred one stands by, and is used when the preferred one is lost.
//
// Invariants: (1) a frame is sent on one connection only, so nothing is duplicated; (2) once a frame came in on a
// connection, frames on connections that are older than it are no longer taken, so that frames come in the order in
// which they were sent, or not at all; (3) losing the connection in use is a loss of the link, even when another one
// takes over at once, because frames may have been lost with it.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

namespace hansa::transport {

enum class Via : std::uint8_t { dialled, accepted };

class Link {
 public:
  explicit Link(Via preferred) : preferred_(preferred) {}

  // A connection that was up and comes up again was lost in between: call lost() first.
  void established(Via via);
  void lost(Via via);

  bool up(Via via) const { return at(via).up; }
  std::optional<Via> in_use() const;

  // Whether a frame that came in on this connection counts.
  bool takes_frame_from(Via via);

  // The dialled connection isn't needed: the accepted one is preferred and up.
  bool dialled_is_spare() const { return preferred_ == Via::accepted && up(Via::dialled) && up(Via::accepted); }
  // The peer talks on a connection made later than the dialled one: it has lost this one and we have not heard of it.
  bool dialled_is_dead() const { return up(Via::dialled) && at(Via::dialled).order < heard_; }
  // No frame will ever be sent on it again.
  bool dialled_is_retired() const { return up(Via::dialled) && at(Via::dialled).retired; }

  Via preferred() const { return preferred_; }

 private:
  struct Connection {
    bool up = false;
    bool retired = false;     // no frame is sent on it any more
    std::uint64_t order = 0;  // the how manieth connection of this link
  };
  const Connection& at(Via via) const { return connections_[static_cast<std::size_t>(via)]; }
  Connection& at(Via via) { return connections_[static_cast<std::size_t>(via)]; }

  Via preferred_;
  std::array<Connection, 2> connections_;
  std::uint64_t established_ = 0;
  std::uint64_t heard_ = 0;  // order of the youngest connection on which a frame came in
};

constexpr Via other(Via via) {
  return via == Via::dialled ? Via::accepted : Via::dialled;
}

}  // namespace hansa::transport
