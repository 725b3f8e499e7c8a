#include "src/transport/link.hpp"

namespace hansa::transport {

void Link::established(Via via) {
  at(via) = {.up = true, .retired = false, .order = ++established_};
  if (via == preferred_ && up(other(via))) at(other(via)).retired = true;
}

void Link::lost(Via via) {
  at(via) = {};
}

std::optional<Via> Link::in_use() const {
  for (const Via via : {preferred_, other(preferred_)})
    if (up(via) && !at(via).retired) return via;
  return std::nullopt;
}

bool Link::takes_frame_from(Via via) {
  if (!up(via) || at(via).order < heard_) return false;
  heard_ = at(via).order;
  return true;
}

}  // namespace hansa::transport
