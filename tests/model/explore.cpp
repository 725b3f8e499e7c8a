#include "tests/model/explore.hpp"

#include <algorithm>
#include <chrono>
#include <optional>

namespace hansa::model {
namespace {

// All states found, by number; numbers are given in the order of finding.
class Found {
 public:
  Found() : slots_(1u << 16, none) {}

  // The state's number, and whether it is new.
  std::pair<std::uint32_t, bool> add(const State& state) {
    if (2 * (states_.size() + 1) > slots_.size()) grow();
    for (auto i = place(state);; i = (i + 1) & (slots_.size() - 1)) {
      if (slots_[i] == none) {
        slots_[i] = static_cast<std::uint32_t>(states_.size());
        states_.push_back(state);
        return {slots_[i], true};
      }
      if (states_[slots_[i]] == state) return {slots_[i], false};
    }
  }
  const State& operator[](std::size_t number) const { return states_[number]; }
  std::size_t size() const { return states_.size(); }

 private:
  static constexpr std::uint32_t none = ~std::uint32_t{0};
  std::deque<State> states_;
  std::vector<std::uint32_t> slots_;

  std::size_t place(const State& state) const {
    std::uint64_t hash = state.spent;
    for (const std::uint64_t word : {state.site[0], state.site[1], state.site[2], state.net}) {
      hash = (hash ^ word) * 0x9e3779b97f4a7c15u;
      hash ^= hash >> 29;
    }
    return hash & (slots_.size() - 1);
  }
  void grow() {
    slots_.assign(slots_.size() * 2, none);
    for (std::size_t number = 0; number < states_.size(); ++number) {
      auto i = place(states_[number]);
      while (slots_[i] != none) i = (i + 1) & (slots_.size() - 1);
      slots_[i] = static_cast<std::uint32_t>(number);
    }
  }
};

class Explorer {
 public:
  Explorer(const Case& in, const Limits& limits) : case_(in), limits_(limits), world_(in) {}

  Report run() {
    const auto begin = std::chrono::steady_clock::now();
    search();
    if (report_.complete && report_.broken.empty() && !case_.leased()) check_rest();
    report_.states = found_.size();
    report_.site_states = world_.site_states();
    report_.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    return report_;
  }

 private:
  const Case& case_;
  Limits limits_;
  World world_;
  Found found_;
  std::vector<std::uint32_t> parents_;
  // Faultless steps: those of state n are edges_[begins_[n] … begins_[n + 1]).
  std::vector<std::uint32_t> edges_;
  std::vector<std::uint64_t> begins_;
  Report report_;

  void search() {
    found_.add(world_.first());
    parents_.push_back(0);
    std::size_t level_end = 1;
    for (std::uint32_t number = 0; number < found_.size(); ++number) {
      if (number == level_end) {
        ++report_.depth;
        level_end = found_.size();
      }
      if (found_.size() > limits_.states_max || report_.depth >= limits_.depth_max) return;
      begins_.push_back(edges_.size());
      expand(number);
      if (!report_.broken.empty()) return;
    }
    begins_.push_back(edges_.size());
    report_.complete = true;
  }

  void expand(std::uint32_t number) {
    const auto state = found_[number];
    world_.expand(state, [&](const State& next, const Choice& choice, const char* broken) {
      if (!report_.broken.empty()) return;
      ++report_.steps;
      if (broken) return tell(number, choice, broken, next);
      const auto [to, fresh] = found_.add(next);
      if (fresh) parents_.push_back(number);
      if (!choice.offer.fault && to != number) edges_.push_back(to);
      if (!fresh) return;
      if (const auto* wrong = world_.broken(next)) tell(number, choice, wrong, next);
    });
  }

  void tell(std::uint32_t from, const Choice& last, const std::string& broken, const State& end) {
    report_.broken = broken;
    report_.run = run_to(from);
    report_.run.push_back(world_.describe(last));
    report_.end = world_.describe(end);
  }

  std::vector<std::string> run_to(std::uint32_t number) {
    std::vector<std::string> run;
    for (; number != 0; number = parents_[number]) {
      std::optional<Choice> step;
      world_.expand(found_[parents_[number]], [&](const State& next, const Choice& choice, const char*) {
        if (!step && next == found_[number]) step = choice;
      });
      run.push_back(world_.describe(*step));
    }
    std::reverse(run.begin(), run.end());
    return run;
  }

  void check_rest() {
    std::vector<bool> rests(found_.size());
    for (std::size_t n = 0; n < found_.size(); ++n) {
      rests[n] = world_.at_rest(found_[n]);
      report_.rests += rests[n] ? 1 : 0;
    }
    while (spread(rests)) {
    }
    const auto stuck = std::find(rests.begin(), rests.end(), false) - rests.begin();
    if (static_cast<std::size_t>(stuck) == rests.size()) return;
    report_.broken = "the world can't come to rest any more";
    report_.is_stuck = true;
    report_.run = run_to(static_cast<std::uint32_t>(stuck));
    report_.end = world_.describe(found_[static_cast<std::size_t>(stuck)]);
  }

  bool spread(std::vector<bool>& rests) const {
    bool changed = false;
    for (auto n = rests.size(); n-- > 0;) {
      if (rests[n]) continue;
      for (auto edge = begins_[n]; edge < begins_[n + 1] && !rests[n]; ++edge) rests[n] = rests[edges_[edge]];
      changed = changed || rests[n];
    }
    return changed;
  }
};

}  // namespace

Report explore(const Case& world, const Limits& limits) {
  return Explorer(world, limits).run();
}

Replay replay(const Case& in, const std::vector<std::string>& steps) {
  World world(in);
  auto state = world.first();
  Replay result;
  const auto look = [&](auto see) {
    world.expand(state, [&](const State& next, const Choice& choice, const char* broken) {
      see(next, world.describe(choice), broken);
    });
  };
  for (const auto& step : steps) {
    std::optional<State> to;
    look([&](const State& next, const std::string& words, const char* broken) {
      if (to || words != step) return;
      to = next;
      if (broken) result.broken = broken;
    });
    if (!to) {
      result.unknown = step;
      break;
    }
    state = *to;
    if (const auto* broken = world.broken(state); broken && result.broken.empty()) result.broken = broken;
    if (!result.broken.empty()) break;
  }
  result.end = world.describe(state);
  look([&](const State&, const std::string& words, const char*) { result.next.push_back(words); });
  return result;
}

}  // namespace hansa::model
