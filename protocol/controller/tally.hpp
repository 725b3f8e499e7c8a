// Tally: what a site has done since its daemon started, in numbers, for /metrics.
//
// Messages between sites are counted by name, both ways: calls, bids, declines, awards, returns and all others alike,
// so that a new message is counted without anybody thinking of it. What a site says to itself is not counted.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <variant>

#include "hansa/api.hpp"
#include "protocol/effects.hpp"

namespace hansa {

class Tally {
 public:
  explicit Tally(SiteName self) : self_(std::move(self)) {}

  void heard(const SiteName& from, const Message& message);

  // Counts what is added to effects while it lives: one for each event that the brain takes in.
  class Watch {
   public:
    Watch(Tally& tally, const Effects& out)
        : tally_(tally),
          out_(out),
          sends_(out.send.size()),
          durable_sends_(out.send_durable.size()),
          events_(out.events.size()) {}
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;
    ~Watch();

   private:
    Tally& tally_;
    const Effects& out_;
    const std::size_t sends_, durable_sends_, events_;
  };

  void fill(SiteFigures& figures) const;

 private:
  using ByMessage = std::array<std::uint64_t, std::variant_size_v<Message>>;

  void said(const Send& send);
  void happened(const FederationEvent& event);

  SiteName self_;
  ByMessage sent_{};
  ByMessage received_{};
  std::map<std::string, std::uint64_t> events_;
  std::map<std::string, std::uint64_t> jobs_ended_;
};

}  // namespace hansa
