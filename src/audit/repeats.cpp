#include "src/audit/repeats.hpp"

namespace hansa::audit {

bool Repeats::is_new(const AuditNote& note) {
  const auto [found, fresh] = counts_.try_emplace({note.act, note.actor, note.subject, note.allowed, note.text});
  if (fresh) {
    found->second.note = note;
  } else {
    ++found->second.count;
  }
  return fresh;
}

std::vector<Repeats::Counted> Repeats::take() {
  std::vector<Counted> counted;
  for (auto& [key, one] : counts_) {
    if (one.count > 0) counted.push_back(std::move(one));
  }
  counts_.clear();
  return counted;
}

}  // namespace hansa::audit
