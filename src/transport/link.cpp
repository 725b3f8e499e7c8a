#include "src/transport/link.hpp"

#include <algorithm>

namespace hansa::transport {
namespace {

constexpr std::size_t runs_remembered = 8;

}  // namespace

void Link::established(Via via, Run run) {
  const auto was_in_use = in_use();
  if (run != run_) begin_run(run);
  at(via) = {.up = true, .retired = false, .heard = std::nullopt};
  if (via == preferred_ && up(other(via))) at(other(via)).retired = true;
  count_term(was_in_use);
}

bool Link::contradicts(Via via, Run run) const {
  return (up(other(via)) && run != run_) || std::find(gone_.begin(), gone_.end(), run) != gone_.end();
}

void Link::begin_run(Run run) {
  gone_.push_back(run_);
  if (gone_.size() > runs_remembered) gone_.pop_front();
  run_ = run;
  heard_ = 0;
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
