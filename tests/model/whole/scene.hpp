// Scenes: two sites with whole controllers, one small story, and what may be done to it.
//
// The explorer of states drives Origin and Host alone and puts every choice that market, membership and planner could
// make in their place. Here those play themselves: Controllers as they ship, in the simulated federation. A story
// without trouble is one run; a twist is one thing that goes otherwise at one point of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/sim/federation.hpp"

namespace hansa::model {

enum class TwistKind : std::uint8_t {
  // At a moment: after so many lines of the story.
  kill,
  kill_in_write,
  power_cut,
  lose_disk,
  fill_disk,
  cut,       // for longer than it takes to be suspect
  lose_all,  // that is in transit
  cancel,
  rerun,
  drain,
  // Of a message: the so-manieth of the story.
  lose,
  repeat,
  delay,
};
inline constexpr std::size_t twist_kinds = 13;

constexpr std::string_view to_word(TwistKind kind) {
  constexpr std::string_view words[] = {"kill", "kill-in-write", "power-cut", "lose-disk", "fill-disk",
                                        "cut",  "lose-all",      "cancel",    "rerun",     "drain",
                                        "lose", "repeat",        "delay"};
  static_assert(std::size(words) == twist_kinds);
  return words[static_cast<std::size_t>(kind)];
}
constexpr bool is_of_message(TwistKind kind) {
  return kind >= TwistKind::lose;
}

struct Twist {
  TwistKind kind = TwistKind::kill;
  std::uint8_t site = 0;  // which one, where that matters
  std::uint32_t at = 0;

  bool operator==(const Twist&) const = default;
};

// "kill:1:17"
std::string to_text(const Twist& twist);
std::optional<Twist> twist_from(std::string_view text);

struct Scene {
  std::string name;
  std::string about;
  std::vector<std::uint32_t> cores;  // of a node, by site
  std::vector<Submission> story;     // all at the first site
};

const std::vector<Scene>& all_scenes();

}  // namespace hansa::model
