// Names of things. Each kind of id is a type of its own, so that a job can't be passed where a bid is meant.
//
// StoreId, JobId, Epoch, BidId and GrantNumber are the fences of the handoff (docs/protocol/04-handoff.md).
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "hansa/types/fields.hpp"
#include "hansa/types/result.hpp"

namespace hansa {

// 128 random bits: unguessable and never repeated.
template <class Tag>
struct Key128 {
  std::array<std::uint8_t, 16> bytes{};

  bool is_zero() const { return bytes == std::array<std::uint8_t, 16>{}; }
  auto operator<=>(const Key128&) const = default;
};

// Made with an empty store; a store that is lost, or restored from a copy, comes back with a new one.
using StoreId = Key128<struct StoreIdTag>;
// Minted by a bidder for one caller; dies at its first use.
using BidId = Key128<struct BidIdTag>;
// Drawn anew at each start of a daemon.
using DaemonId = Key128<struct DaemonIdTag>;
// The kernel's boot: CLOCK_BOOTTIME instants are comparable within one.
using BootId = Key128<struct BootIdTag>;

template <class Tag>
struct Counter {
  std::uint64_t value = 0;

  Counter next() const { return Counter{value + 1}; }
  auto operator<=>(const Counter&) const = default;
};

// One attempt to place a job, counted per job by its origin; the first is 1.
using Epoch = Counter<struct EpochTag>;
// SWIM: raised only by the member itself.
using Incarnation = Counter<struct IncarnationTag>;
// Version of a site's capacity digest under one incarnation.
using DigestVersion = Counter<struct DigestVersionTag>;
// Correlates CallForBids with its Bid or Decline; unique within one daemon's life.
using CallId = Counter<struct CallIdTag>;

// A site's name, unique in its federation: 1–63 of [a-z0-9-], beginning and ending with a letter or digit.
struct SiteName {
  std::string value;

  bool empty() const { return value.empty(); }
  auto operator<=>(const SiteName&) const = default;
};

Result<SiteName> parse_site_name(std::string_view text);

// What the user submitted. `task` is the index within a job array, or no_task.
struct JobId {
  static constexpr std::int32_t no_task = -1;

  StoreId store;             // of the origin
  std::uint64_t number = 0;  // counted at the origin, never reused; the first is 1
  std::int32_t task = no_task;

  HANSA_FIELDS(store, number, task)
  auto operator<=>(const JobId&) const = default;
};

// "wujiang-1042" or "wujiang-1042_7": how people write a job; the site is the origin's name.
struct JobName {
  SiteName site;
  std::uint64_t number = 0;
  std::int32_t task = JobId::no_task;

  auto operator<=>(const JobName&) const = default;
};

std::string format_job(const SiteName& origin, const JobId& job);
Result<JobName> parse_job_name(std::string_view text);

// One attempt at a job at one host.
struct RunKey {
  JobId job;
  Epoch epoch;

  HANSA_FIELDS(job, epoch)
  auto operator<=>(const RunKey&) const = default;
};

// The number in Accepted and Renew, echoed by Confirm and Renewed: never used before, because the daemon's own id is
// part of it. A lease is counted from the moment the request of that number left.
struct GrantNumber {
  DaemonId daemon;
  std::uint64_t count = 0;

  HANSA_FIELDS(daemon, count)
  auto operator<=>(const GrantNumber&) const = default;
};

std::string to_hex(const std::uint8_t* bytes, std::size_t size);
template <class Tag>
std::string to_hex(const Key128<Tag>& key) {
  return to_hex(key.bytes.data(), key.bytes.size());
}

}  // namespace hansa
