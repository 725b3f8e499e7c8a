#include "src/gateway/event_ring.hpp"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "src/gateway/json_common.hpp"
#include "src/gateway/json_views.hpp"

namespace hansa::gateway {
namespace {

std::string hex_of(std::uint32_t life) {
  char text[16];
  std::snprintf(text, sizeof text, "%08x", life);
  return text;
}

std::optional<std::uint64_t> number_in(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return number;
}

}  // namespace

EventRing::EventRing(std::size_t events_max, std::uint32_t life) : events_max_(events_max), life_(hex_of(life)) {}

void EventRing::add(const FederationEvent& event) {
  const std::lock_guard lock(mutex_);
  events_.push_back({.event = event});
  ++last_;
  if (events_.size() > events_max_) events_.pop_front();
}

EventPlace EventRing::end() const {
  const std::lock_guard lock(mutex_);
  return {.number = last_};
}

std::optional<EventPlace> EventRing::place_of(std::string_view id) const {
  const std::lock_guard lock(mutex_);
  if (id == "0") return EventPlace{.number = last_ - events_.size()};
  const auto mark = id.find('.');
  const auto number = mark == std::string_view::npos ? std::nullopt : number_in(id.substr(mark + 1));
  if (!number) return std::nullopt;
  if (id.substr(0, mark) != life_ || *number > last_) return EventPlace{.of_another_life = true};
  return EventPlace{.number = *number};
}

EventRing::Piece EventRing::after(const EventPlace& place, std::size_t bytes_max) const {
  const std::lock_guard lock(mutex_);
  const auto gone = last_ - events_.size();  // older than what is kept
  Piece piece{.next = {.number = place.of_another_life ? gone : std::max(gone, place.number)}};
  if (place.of_another_life || place.number < gone) {
    piece.text = lost_text(place, gone);
    piece.lost = place.of_another_life ? gone : gone - place.number;
  }
  while (piece.next.number < last_ && piece.text.size() < bytes_max) {
    auto& kept = events_[piece.next.number - gone];
    piece.text += text_of(kept, ++piece.next.number);
  }
  return piece;
}

const std::string& EventRing::text_of(Kept& kept, std::uint64_t number) const {
  if (kept.text.empty()) {
    kept.text =
        "id: " + id_of(number) + "\nevent: " + kept.event.kind + "\ndata: " + to_text(event_json(kept.event)) + "\n\n";
  }
  return kept.text;
}

std::string EventRing::id_of(std::uint64_t number) const {
  return life_ + "." + std::to_string(number);
}

std::string EventRing::lost_text(const EventPlace& place, std::uint64_t through) const {
  nlohmann::ordered_json data{{"kind", "lost"}};
  data["count"] = place.of_another_life ? nlohmann::ordered_json() : nlohmann::ordered_json(through - place.number);
  data["text"] = place.of_another_life ? "the daemon was started anew: what happened until then is not known"
                                       : "these events are no longer kept";
  return "id: " + id_of(through) + "\nevent: lost\ndata: " + to_text(data) + "\n\n";
}

}  // namespace hansa::gateway
