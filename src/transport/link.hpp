// Link: which of two connections to a peer carries frames, and which frames count.
//
// Both sides may dial, so that there can be two connections: the one dialled here and the one accepted here. The one
// dialled by the side with the smaller transport key is preferred; both sides compute the same. It carries frames
// whenever it is up, and coming up it retires the other for good: the other side has turned away from it too, or will.
// A connection that came up later than the preferred one stands by, and is used when the preferred one is lost.
//
// Each side counts its terms: the times it has turned from one connection to another. Every message carries its
// sender's term, and a message of an earlier term than one already taken is not taken, however late a connection was
// noticed. Terms are counted within one run of a process, which is drawn at random and named in the greeting.
//
// Invariants: (1) a frame is sent on one connection only, so nothing is duplicated; (2) frames are taken in the order
// in which they were sent, or not at all; (3) losing the connection in use is a loss of the link, even when another one
// takes over at once, because frames may have been lost with it.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <optional>

namespace hansa::transport {

enum class Via : std::uint8_t { dialled, accepted };

constexpr Via other(Via via) {
  return via == Via::dialled ? Via::accepted : Via::dialled;
}

using Run = std::uint64_t;
using Term = std::uint32_t;

class Link {
 public:
  explicit Link(Via preferred) : preferred_(preferred) {}

  // This greeting comes from a process that is known to be gone; or the peer is another process at the other end of the
  // other connection, so that one of the two is gone and nobody can tell which. Both must then be closed.
  bool contradicts(Via via, Run run) const;

  // A connection that was up and comes up again was lost in between: call lost() first. Must not contradict.
  void established(Via via, Run run);
  void lost(Via via);

  Run peer_run() const { return run_; }
  bool up(Via via) const { return at(via).up; }
  std::optional<Via> in_use() const;
  Via preferred() const { return preferred_; }

  // Goes into every message that is sent now.
  Term term() const { return term_; }
  // Whether a message that came in on this connection counts.
  bool takes(Via via, Term term);

  // The dialled connection isn't needed: the accepted one is preferred and up.
  bool dialled_is_spare() const { return preferred_ == Via::accepted && up(Via::dialled) && up(Via::accepted); }
  // The peer spoke on the dialled connection and then turned away from it: it has lost it, unnoticed here.
  bool dialled_is_dead() const { return at(Via::dialled).heard && *at(Via::dialled).heard < heard_; }
  // No frame will ever be sent on it again.
  bool dialled_is_retired() const { return up(Via::dialled) && at(Via::dialled).retired; }

 private:
  struct Connection {
    bool up = false;
    bool retired = false;       // no frame is sent on it any more
    std::optional<Term> heard;  // of the last message taken from it
  };
  const Connection& at(Via via) const { return connections_[static_cast<std::size_t>(via)]; }
  Connection& at(Via via) { return connections_[static_cast<std::size_t>(via)]; }
  void begin_run(Run run);
  void count_term(std::optional<Via> was_in_use);

  Via preferred_;
  std::array<Connection, 2> connections_;
  Run run_ = 0;           // the peer's
  std::deque<Run> gone_;  // the peer's last ones before
  Term heard_ = 0;        // the highest of the peer's terms
  Term term_ = 0;         // ours
};

}  // namespace hansa::transport
