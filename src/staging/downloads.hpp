// Which chunk to ask whom, and when again. A pure machine: time comes in, requests go out.
//
// Problem: runs wait for chunks of many peers, some of which are away, slow, or send damage; many runs may want the
// same chunk (an array's tasks share their inputs); memory must not grow with any of it.
// Idea: each transfer (the inputs or outputs of one run) has a queue of chunks; each peer has a window of requests in
// flight, filled from its transfers in turn, so that a small job does not wait behind a large bundle; a chunk in flight
// for one transfer is awaited by all. A request counts as lost when its connection went down, when twice a window of
// later ones were answered before it, or after a time that follows the peer's measured answers; it goes back to the
// front of its queue. A silent peer is asked again after a back-off that doubles, without end.
// Invariants: at most `window_total` chunks are in flight or being stored; a chunk is in flight at most once; a
// transfer is complete exactly once, or dropped.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "hansa/types/crypto.hpp"
#include "hansa/types/ids.hpp"
#include "hansa/types/time.hpp"
#include "protocol/wire/bulk_messages.hpp"

namespace hansa::staging {

struct TransferKey {
  RunKey run;
  BundleSide side = BundleSide::inputs;

  auto operator<=>(const TransferKey&) const = default;
};

struct DownloadOptions {
  std::size_t window_per_peer = 8;
  std::size_t window_total = 16;                            // × 4 MiB: the memory that transfers may take
  Duration answer_within_first = std::chrono::seconds(60);  // before anything is known of a peer
  Duration answer_within_min = std::chrono::seconds(5);
  Duration answer_within_max = std::chrono::minutes(10);
  Duration back_off_min = std::chrono::milliseconds(200);
  Duration back_off_max = std::chrono::seconds(30);
  int damaged_max = 5;  // then a chunk counts as one that the peer does not have
};

class Downloads {
 public:
  explicit Downloads(DownloadOptions options) : options_(options) {}

  struct Ask {
    SiteName peer;
    ChunkGet get;
  };
  struct Arrival {
    TransferKey transfer;
    bool complete = false;
  };

  // Adds to what a transfer waits for. `missing` is not empty.
  void want(const TransferKey& transfer, const SiteName& peer, const std::vector<ContentHash>& missing);
  void drop(const TransferKey& transfer);
  bool has(const TransferKey& transfer) const { return transfers_.contains(transfer); }

  void link(const SiteName& peer, bool up, Instant now);

  // The requests that should leave now. Each counts as sent; not_sent() takes one back.
  std::vector<Ask> due(Instant now);
  void not_sent(const Ask& ask, Instant now);

  // An answer came: nothing if it was not asked of this peer (it may be late: any request number will do). The chunk
  // stays in flight until arrived(), again(), later() or give_up().
  std::optional<TransferKey> answered(const SiteName& from, const ContentHash& hash, Instant now);

  // It is here: whoever waited for it.
  std::vector<Arrival> arrived(const ContentHash& hash);
  // It came damaged: asked again, unless that has happened too often (false).
  bool again(const ContentHash& hash);
  // There is no room for it now: its peer's transfers pause.
  void later(const ContentHash& hash, Duration wait, Instant now);
  // This transfer won't get it; others may. Whether the transfer is complete without it.
  Arrival give_up(const TransferKey& transfer, const ContentHash& hash);

  // Those who wait for a chunk, for failing them all.
  std::vector<TransferKey> waiting_for(const ContentHash& hash) const;

  // When due() should be asked again, if nothing else happens.
  std::optional<Instant> deadline() const;

  std::size_t in_flight() const { return in_flight_.size(); }

 private:
  struct Transfer {
    SiteName peer;
    std::deque<ContentHash> queue;  // may name chunks that have arrived since: skipped when met
    std::size_t waiting = 0;
  };
  struct Chunk {
    std::set<TransferKey> waiting;
    int damaged = 0;
  };
  struct Flight {
    SiteName peer;
    TransferKey transfer;  // for whom it was asked
    std::uint64_t request = 0;
    Instant asked;
    bool storing = false;  // answered: no longer lost by any timeout
    std::size_t overtaken = 0;
  };
  struct Peer {
    std::deque<TransferKey> turns;
    std::size_t in_flight = 0;
    Instant resume_at{};
    Duration back_off{0};
    Duration latency{0};  // smoothed time from request to answer; 0: unknown
    bool paused = false;  // nothing is asked before resume_at
  };

  void fill(const SiteName& name, Peer& peer, Instant now, std::vector<Ask>& asks);
  std::optional<ContentHash> next_chunk(const TransferKey& key, Transfer& transfer);
  void take_back(const ContentHash& hash);
  void take_back_lost(Instant now);
  void pause(Peer& peer, Instant until);
  void back_off(Peer& peer, Instant now);
  void end_flight(const ContentHash& hash);
  void forget_if_idle(const SiteName& peer);
  void count_overtaken(const SiteName& peer, std::uint64_t request);
  Duration answer_within(const Peer& peer) const;

  DownloadOptions options_;
  std::map<TransferKey, Transfer> transfers_;
  std::map<ContentHash, Chunk> chunks_;
  std::map<ContentHash, Flight> in_flight_;
  std::map<SiteName, Peer> peers_;
  std::uint64_t requests_ = 0;
};

}  // namespace hansa::staging
