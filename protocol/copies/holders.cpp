#include "protocol/copies/holders.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace hansa {
namespace {

constexpr std::uint64_t fnv_start = 0xcbf29ce484222325;

std::uint64_t fnv(std::uint64_t hash, const std::string& text) {
  for (const auto letter : text) hash = (hash ^ static_cast<unsigned char>(letter)) * 0x100000001b3;
  return hash;
}

// Names that differ in their last letter must not have neighbouring weights.
std::uint64_t mixed(std::uint64_t hash) {
  hash = (hash ^ (hash >> 30)) * 0xbf58476d1ce4e5b9;
  hash = (hash ^ (hash >> 27)) * 0x94d049bb133111eb;
  return hash ^ (hash >> 31);
}

std::uint64_t weight(const SiteName& origin, const SiteName& member) {
  return mixed(fnv(fnv(fnv_start, origin.value) * 31, member.value));
}

}  // namespace

std::vector<SiteName> choose_holders(const SiteName& origin, const std::vector<SiteName>& live, std::size_t count) {
  std::vector<std::pair<std::uint64_t, SiteName>> weighed;
  weighed.reserve(live.size());
  for (const auto& member : live) {
    if (member != origin) weighed.emplace_back(weight(origin, member), member);
  }
  const auto kept = std::min(count, weighed.size());
  std::partial_sort(weighed.begin(), weighed.begin() + static_cast<std::ptrdiff_t>(kept), weighed.end(),
                    [](const auto& a, const auto& b) { return a > b; });
  std::vector<SiteName> holders;
  for (std::size_t i = 0; i < kept; ++i) holders.push_back(std::move(weighed[i].second));
  return holders;
}

}  // namespace hansa
