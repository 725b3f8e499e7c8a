// What membership costs and how fast it is, in the simulated federation: a table for docs/protocol/03-gossip.md.
#include <algorithm>
#include <cstdio>
#include <numeric>

#include "tests/unit/membership/federation.hpp"

namespace hansa::testing {
namespace {

using std::chrono::seconds;

const NetworkOptions metro{.latency = milliseconds(3), .jitter = milliseconds(2)};
const NetworkOptions lossy{.latency = milliseconds(20), .jitter = milliseconds(20), .loss = 0.05};

double settle(Federation& f) {
  const auto from = f.now();
  for (int second = 0; second < 300 && !f.all_see_all_alive(); ++second) f.run_for(seconds(1));
  const double periods = f.periods_since(from);
  f.run_for(seconds(60));
  return periods;
}

struct Traffic {
  double bytes = 0;
  double messages = 0;
};
Traffic traffic(Federation& f, int periods) {
  std::uint64_t bytes = 0, messages = 0;
  for (int i = 0; i < f.size(); ++i) bytes -= f.host(i).bytes_sent, messages -= f.host(i).messages_sent;
  f.run_for(seconds(periods));
  for (int i = 0; i < f.size(); ++i) bytes += f.host(i).bytes_sent, messages += f.host(i).messages_sent;
  const double shares = static_cast<double>(f.size()) * periods;
  return {static_cast<double>(bytes) / shares, static_cast<double>(messages) / shares};
}

void cost_and_speed(int sites) {
  Federation f(sites, 1, {}, metro);
  const double cold = settle(f);
  const auto idle = traffic(f, 120);
  std::vector<double> spread;
  for (int round = 0; round < 10; ++round) {
    const auto told_at = f.now();
    const auto news = 1'000 + static_cast<std::uint64_t>(round);
    f.at(round % sites).publish(f.digest(round % sites, news));
    f.perform(round % sites);
    f.run_until(
        [&] {
          for (int by = 0; by < sites; ++by) {
            if (by != round % sites && f.units_free_seen(by, round % sites) != news) return false;
          }
          return true;
        },
        seconds(60));
    spread.push_back(f.periods_since(told_at));
    f.run_for(seconds(20));
  }
  std::sort(spread.begin(), spread.end());
  std::printf(
      "%4d sites: all met after %5.1f periods; idle %6.0f B, %.2f messages a member a period; a digest is everywhere "
      "after %.1f periods (median), %.1f (worst)\n",
      sites, cold, idle.bytes, idle.messages, spread[spread.size() / 2], spread.back());
}

void busy(int sites) {
  Federation f(sites, 1, {}, metro);
  settle(f);
  Rng rng(5);
  std::uint64_t published = 0;
  const auto each_second = [&] {
    for (int i = 0; i < sites; ++i) {
      if (rng.below(5) != 0) continue;
      f.at(i).publish(f.digest(i, ++published));
      f.perform(i);
    }
  };
  Traffic sum;
  for (int second = 0; second < 60; ++second) {
    each_second();
    const auto now = traffic(f, 1);
    sum.bytes += now.bytes / 60, sum.messages += now.messages / 60;
  }
  std::printf(
      "%4d sites, each publishing every 5 periods: %.0f B, %.1f messages a member a period; floor (every site hears "
      "every digest once) %.0f B\n",
      sites, sum.bytes, sum.messages, static_cast<double>(published) / 60 * 232);
}

void detection(int sites) {
  std::vector<double> suspected, failed;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    Federation f(sites, seed, {}, metro);
    settle(f);
    f.run_for(milliseconds(static_cast<int>(seed) * 37));
    const auto died_at = f.now();
    f.kill(sites / 2);
    const auto any = [&] {
      for (int by = 0; by < sites; ++by) {
        if (by != sites / 2 && f.seen(by, sites / 2) != MemberState::alive) return true;
      }
      return false;
    };
    f.run_until(any, seconds(60));
    suspected.push_back(f.periods_since(died_at));
    f.run_until([&] { return f.all_see(sites / 2, MemberState::failed); }, seconds(120));
    failed.push_back(f.periods_since(died_at));
  }
  std::sort(suspected.begin(), suspected.end());
  std::sort(failed.begin(), failed.end());
  std::printf(
      "%4d sites, one dies: first suspected after %.1f periods (median), %.1f (worst of 40); failed everywhere after "
      "%.1f, %.1f\n",
      sites, suspected[20], suspected.back(), failed[20], failed.back());
}

void mistakes(const char* what, int sites, NetworkOptions network, int slow, Duration by, MembershipOptions options) {
  int failures = 0;
  std::uint64_t suspicions = 0;
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    Federation f(sites, seed, options, network);
    settle(f);
    for (int i = 0; i < slow; ++i) f.slow_down(i * 3, by);
    for (int i = 0; i < f.size(); ++i) suspicions -= f.at(i).counters().refutations_total;
    f.run_for(std::chrono::minutes(10));
    for (int i = 0; i < f.size(); ++i) suspicions += f.at(i).counters().refutations_total;
    failures += f.false_failures();
  }
  std::printf("%-58s %d false failures, %llu refutations in %d member-hours\n", what, failures,
              static_cast<unsigned long long>(suspicions), sites * 10 * 10 / 60);
}

void print_all() {
  for (const int sites : {3, 9, 35, 100, 200}) cost_and_speed(sites);
  busy(35);
  for (const int sites : {5, 9, 35}) detection(sites);
  MembershipOptions plain;
  plain.suspicion_stretch = 1;
  plain.local_health_max = 0;
  plain.late_after = std::chrono::hours(1);
  mistakes("12 sites, healthy:", 12, metro, 0, {}, {});
  mistakes("12 sites, 5 % loss, 20-40 ms:", 12, lossy, 0, {}, {});
  mistakes("12 sites, 3 slow by 1.5 s:", 12, metro, 3, milliseconds(1'500), {});
  mistakes("12 sites, 3 slow by 3 s:", 12, metro, 3, milliseconds(3'000), {});
  mistakes("12 sites, 3 slow by 1.5 s, without Lifeguard:", 12, metro, 3, milliseconds(1'500), plain);
  mistakes("12 sites, 3 slow by 3 s, without Lifeguard:", 12, metro, 3, milliseconds(3'000), plain);
}

}  // namespace
}  // namespace hansa::testing

int main() {
  hansa::testing::print_all();
}
