// model_explore: exhausts small worlds of real origins and hosts. docs/reliability.md says what that shows.
//
//   model_explore [--case NAME] [--long] [--budget STATES] [--depth STEPS] [--at-least STATES]
//   model_explore --planted [--without RULE]
//   model_explore --case NAME [--without RULE] --replay FILE     a step a line, as a broken run is printed
//   model_explore --list
#include <CLI/CLI.hpp>
#include <cctype>
#include <cstdio>
#include <fstream>
#include <iostream>

#include "tests/model/explore.hpp"
#include "tests/model/planted.hpp"

using namespace hansa;
using namespace hansa::model;

namespace {

struct Options {
  std::string name;
  std::string without;
  std::string replay;
  bool planted = false;
  bool list = false;
  bool long_run = false;
  std::size_t at_least = 0;
  Limits limits;
};

void print_run(const Report& report) {
  int number = 0;
  for (const auto& step : report.run) std::printf("  %3d  %s\n", ++number, step.c_str());
  std::printf("   =>  %s\n%s", report.broken.c_str(), report.end.c_str());
}

void print(const std::string& name, const Report& r) {
  std::printf("%-32s %10zu states %11zu steps %7zu of a site  depth %3u  %6.1f s  %s\n", name.c_str(), r.states,
              r.steps, r.site_states, r.depth, r.seconds,
              !r.broken.empty() ? "BROKEN"
              : r.complete      ? "complete"
                                : "cut short");
  std::fflush(stdout);
}

const PlantedFault* find_planted(const std::string& name) {
  for (const auto& each : all_planted()) {
    if (each.name == name) return &each;
  }
  return nullptr;
}

// Steps as they were printed: numbers before them and lines that are no step are left out.
std::vector<std::string> read_steps(const std::string& path) {
  std::ifstream file(path);
  std::vector<std::string> steps;
  for (std::string line; std::getline(file, line);) {
    std::size_t at = line.find_first_not_of(' ');
    const auto digits = at;
    while (at < line.size() && std::isdigit(static_cast<unsigned char>(line[at]))) ++at;
    if (digits == 0 || digits == at || at == std::string::npos) continue;
    steps.push_back(line.substr(line.find_first_not_of(' ', at)));
  }
  return steps;
}

int run_replay(const Options& options, const Case& world) {
  const auto steps = read_steps(options.replay);
  const auto end = replay(world, steps);
  if (!end.unknown.empty()) std::printf("this can't happen there: %s\n", end.unknown.c_str());
  std::printf("after %zu steps: %s\n%s", steps.size(), end.broken.empty() ? "nothing is broken" : end.broken.c_str(),
              end.end.c_str());
  if (end.broken.empty()) std::printf("what could be next:\n");
  for (const auto& step : end.broken.empty() ? end.next : std::vector<std::string>{}) {
    std::printf("       %s\n", step.c_str());
  }
  return end.unknown.empty() && end.broken.empty() ? 0 : 1;
}

// A run to a broken promise breaks it again when its steps are done one by one.
bool repeats(const PlantedFault& fault, const Report& report) {
  const auto again = replay(fault.world, report.run);
  return again.unknown.empty() && (again.broken == report.broken || report.is_stuck);
}

int run_planted(const Options& options) {
  int missed = 0;
  for (const auto& fault : all_planted()) {
    if (!options.without.empty() && fault.name != options.without) continue;
    rule_taken_out() = fault.rule;
    const auto report = explore(fault.world, options.limits);
    print(fault.name, report);
    if (report.broken.empty()) {
      std::printf("  MISSED: without this rule nothing broke\n");
      ++missed;
    } else if (!repeats(fault, report)) {
      std::printf("  MISSED: the run that broke it does not when it is replayed\n");
      print_run(report);
      ++missed;
    } else if (!options.without.empty()) {
      print_run(report);
    } else {
      std::printf("  found after %zu steps: %s\n", report.run.size(), report.broken.c_str());
    }
  }
  std::printf("%zu planted faults, %d missed\n", all_planted().size(), missed);
  return missed == 0 ? 0 : 1;
}

int run_cases(const Options& options) {
  std::size_t states = 0;
  int broken = 0;
  for (const auto& world : all_cases()) {
    if (options.name.empty() ? world.is_long && !options.long_run : world.name != options.name) continue;
    const auto report = explore(world, options.limits);
    print(world.name, report);
    states += report.states;
    if (report.broken.empty()) continue;
    print_run(report);
    ++broken;
  }
  std::printf("%zu states, %d cases broken\n", states, broken);
  return broken == 0 && states >= options.at_least ? 0 : 1;
}

int run(const Options& options) {
  if (options.list) {
    for (const auto& world : all_cases()) std::printf("%-16s %s\n", world.name.c_str(), world.about.c_str());
    for (const auto& fault : all_planted()) std::printf("--without %s\n", fault.name.c_str());
    return 0;
  }
  const auto* planted = find_planted(options.without);
  const auto* world = planted && options.name.empty() ? &planted->world : find_case(options.name);
  if ((!options.without.empty() && !planted) || (!options.name.empty() && !world)) {
    std::fprintf(stderr, "no such case or rule; --list names them\n");
    return 2;
  }
  if (options.planted) return run_planted(options);
  if (planted) rule_taken_out() = planted->rule;
  if (!options.replay.empty() && world) return run_replay(options, *world);
  return run_cases(options);
}

}  // namespace

int main(int count, char** words) {
  Options options;
  CLI::App app("exhausts small worlds of real origins and hosts");
  app.add_option("--case", options.name, "only this case");
  app.add_flag("--long", options.long_run, "the larger cases too");
  app.add_option("--budget", options.limits.states_max, "states at most, for each case");
  app.add_option("--depth", options.limits.depth_max, "steps at most");
  app.add_option("--at-least", options.at_least, "fail if fewer states were seen in all");
  app.add_flag("--planted", options.planted, "take each rule out and see that it is missed");
  app.add_option("--without", options.without, "take this rule out");
  app.add_option("--replay", options.replay, "do the steps in this file");
  app.add_flag("--list", options.list, "name cases and rules");
  CLI11_PARSE(app, count, words);
  return run(options);
}
