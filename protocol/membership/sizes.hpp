// How large things get on the wire, without encoding them: upper estimates, for byte budgets.
#pragma once

#include <cstddef>

#include "protocol/wire/messages.hpp"

namespace hansa {

inline std::size_t wire_bytes(const MemberUpdate& update) {
  return 16 + update.site.value.size() + update.reporter.value.size();
}
template <class T>
std::size_t wire_bytes(const Signed<T>& value) {
  return value.bytes.size() + sizeof(Signature) + 8;
}
inline std::size_t wire_bytes(const ViewSummary& summary) {
  return 32 + summary.site.value.size();
}

inline std::size_t wire_bytes(const Gossip& gossip) {
  std::size_t sum = 0;
  for (const auto& update : gossip.updates) sum += wire_bytes(update);
  for (const auto& record : gossip.records) sum += wire_bytes(record);
  for (const auto& digest : gossip.digests) sum += wire_bytes(digest);
  return sum;
}

}  // namespace hansa
