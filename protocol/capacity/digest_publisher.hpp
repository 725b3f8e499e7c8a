// DigestPublisher: when this site's own digest is worth telling the federation.
//
// Every digest is carried to every site, so it is told on a meaningful change only: a pool's free units, its wholly
// free nodes or the most that is free on one node cross a threshold (0 is always one), or an expected wait differs from
// what the others work with by more than a part of itself. Never more often than a set interval; now and then in any
// case, so that a lost one does not mislead for long. Making a digest costs something as well: wants() says whether it
// is worth making one now.
#pragma once

#include <optional>
#include <vector>

#include "hansa/types/site.hpp"
#include "hansa/types/time.hpp"

namespace hansa {

struct PublisherOptions {
  // Raising it saves bytes everywhere and lets others work with older numbers. Sane: 100 ms to 10 s.
  Duration interval_min = std::chrono::milliseconds(500);
  // Raising it saves bytes while nothing happens. Sane: 10 s to 10 min.
  Duration interval_max = std::chrono::seconds(30);
  // Parts of what a pool has; crossing one is news. More of them: finer numbers, more bytes.
  std::vector<double> thresholds{0.05, 0.25, 0.5, 0.75};
  // By what part of itself an expected wait must move, and by how much at least. Raising them saves bytes.
  double wait_change = 0.3;
  Duration wait_change_min = std::chrono::seconds(5);
};

class DigestPublisher {
 public:
  DigestPublisher(std::vector<Pool> pools, PublisherOptions options);

  // Something at this site changed that a digest may show.
  void touch() { touched_ = true; }
  // Whether a digest should be made and offered now.
  bool wants(Instant now) const;
  // Whether this one is to be published; if so it counts as published.
  bool offer(Instant now, bool draining, const std::vector<PoolDigest>& digest);
  // When wants() becomes true without any other call.
  Instant deadline() const;

 private:
  bool is_news(Instant now, bool draining, const std::vector<PoolDigest>& digest) const;
  bool is_news(Instant now, const Pool& pool, const PoolDigest& digest, const PoolDigest& told) const;
  int level(std::uint64_t free, std::uint64_t all) const;
  bool wait_moved(Instant now, std::uint32_t wait_s, std::uint32_t told_s) const;

  std::vector<Pool> pools_;
  PublisherOptions options_;
  bool touched_ = true;
  bool told_draining_ = false;
  std::vector<PoolDigest> told_;
  std::optional<Instant> told_at_;
  std::optional<Instant> looked_at_;
};

}  // namespace hansa
