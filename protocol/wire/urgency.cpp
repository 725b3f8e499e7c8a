#include "protocol/wire/urgency.hpp"

#include <array>

#include "protocol/wire/frame_layout.hpp"

namespace hansa {
namespace {

// A Hello opens the way for all that follows it.
constexpr std::array urgent_tags{Hello::tag,     Probe::tag, ProbeAck::tag, IndirectProbe::tag,
                                 ProbeNack::tag, Renew::tag, Renewed::tag};

constexpr bool is_urgent_tag(std::uint64_t tag) {
  for (const auto urgent : urgent_tags) {
    if (tag == urgent) return true;
  }
  return false;
}

}  // namespace

bool is_urgent(const Message& message) {
  return std::visit([](const auto& content) { return is_urgent_tag(std::decay_t<decltype(content)>::tag); }, message);
}

bool begins_urgently(std::string_view frame) {
  wire::Decoder decoder(frame, wire::peer_bounds);
  std::uint16_t version = 0;
  std::uint32_t count = 0;
  std::uint64_t tag = 0;
  if (!wire::take_head(decoder, version, count)) return false;
  return decoder.cursor().array(count) && decoder.cursor().unsigned_integer(tag) && is_urgent_tag(tag);
}

}  // namespace hansa
