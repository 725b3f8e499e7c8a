#include "src/transport/link.hpp"

namespace hansa::transport {

void Link::established(Via via, Run run) {
  const auto was_in_use = in_use();
  if (run != run_) heard_ = 0;
  run_ = run;
  at(via) = {.up = true, .retired = false, .heard = std::nullopt};
  if (via == preferred_ && up(other(via))) at(other(via)).retired = true;
  count_term(was_in_use);
}

void Link::lost(Via via) {
  const auto was_in_use = in_use();
  at(via) = {};
  count_term(was_in_use);
}

void Link::count_term(std::optional<Via> was_in_use) {
  if (in_use() != was_in_use) ++term_;
}

std::optional<Via> Link::in_use() const {
  for (const Via via : {preferred_, other(preferred_)})
    if (up(via) && !at(via).retired) return via;
  return std::nullopt;
}

bool Link::takes(Via via, Term term) {
  if (!up(via) || term < heard_) return false;
  heard_ = term;
  at(via).heard = term;
  return true;
}

}  // namespace hansa::transport
