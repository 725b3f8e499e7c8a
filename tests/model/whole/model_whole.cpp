// model_whole: two sites with whole controllers, through every run that has so many twists at most.
//
//   model_whole [--scene NAME] [--twists N] [--every K]
//   model_whole --scene NAME --with kill:1:17 --with lose:0:3 [--trace]
//
// A run goes on to its end whatever its twists, so the bound is on what goes otherwise and not on how far it goes.
#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <unordered_set>

#include "tests/model/whole/story.hpp"

using namespace hansa::model;

namespace {

struct Options {
  std::string name;
  std::vector<std::string> with;
  unsigned twists = 1;
  std::uint64_t every = 1;
  bool trace = false;
};

// Kinds whose site matters, and which: the disk of an origin is outside of what is promised to its users.
std::vector<std::uint8_t> sites_of(TwistKind kind) {
  switch (kind) {
    case TwistKind::lose_disk:
      return {1};
    case TwistKind::cut:
    case TwistKind::lose_all:
    case TwistKind::cancel:
    case TwistKind::rerun:
    case TwistKind::lose:
    case TwistKind::repeat:
    case TwistKind::delay:
      return {0};
    default:
      return {0, 1};
  }
}

class Search {
 public:
  Search(const Scene& scene, const Options& options) : scene_(scene), options_(options) {}

  bool run() {
    const auto began = std::chrono::steady_clock::now();
    go_on({}, options_.twists);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
    std::printf("%-10s up to %u twists: %9llu runs %11llu events %9zu pictures  longest %4u lines  %6.1f s  %s\n",
                scene_.name.c_str(), options_.twists, static_cast<unsigned long long>(runs_),
                static_cast<unsigned long long>(events_), pictures_.size(), lines_max_, took.count(),
                failed_ == 0 ? "kept" : "BROKEN");
    std::fflush(stdout);
    return failed_ == 0;
  }

 private:
  const Scene& scene_;
  const Options& options_;
  std::unordered_set<std::uint64_t> pictures_;
  std::uint64_t runs_ = 0, events_ = 0, failed_ = 0, pairs_ = 0;
  std::uint32_t lines_max_ = 0;

  // Twists come in the order of the story: one is added at or after the last.
  void go_on(std::vector<Twist> twists, unsigned more) {
    const auto end = tell(scene_, twists);
    note(twists, end);
    if (more == 0 || !end.problem.empty()) return;
    const auto from = twists.empty() ? 0u : line_of(twists.back(), end);
    twists.emplace_back();
    for (std::size_t kind = 0; kind < twist_kinds; ++kind) {
      for (const auto site : sites_of(static_cast<TwistKind>(kind))) {
        twists.back() = {.kind = static_cast<TwistKind>(kind), .site = site};
        add_one(twists, end, from, more - 1);
      }
    }
  }

  void add_one(std::vector<Twist>& twists, const StoryEnd& end, std::uint32_t from, unsigned more) {
    auto& last = twists.back();
    const auto count = is_of_message(last.kind) ? static_cast<std::uint32_t>(end.said_at.size()) : end.lines;
    for (last.at = 0; last.at < count; ++last.at) {
      if (line_of(last, end) < from) continue;
      if (twists.size() > 1 && ++pairs_ % options_.every != 0) continue;
      go_on(twists, more);
    }
  }

  static std::uint32_t line_of(const Twist& twist, const StoryEnd& end) {
    if (!is_of_message(twist.kind)) return twist.at;
    return twist.at < end.said_at.size() ? end.said_at[twist.at] : end.lines;
  }

  void note(const std::vector<Twist>& twists, const StoryEnd& end) {
    ++runs_;
    events_ += end.events;
    lines_max_ = std::max(lines_max_, end.lines);
    pictures_.insert(end.pictures.begin(), end.pictures.end());
    if (end.problem.empty()) return;
    constexpr std::uint64_t shown_max = 10;
    if (++failed_ > shown_max) return;
    std::printf("BROKEN: %s\n  to see it again: build/tests/model_whole --trace --scene %s", end.problem.c_str(),
                scene_.name.c_str());
    for (const auto& twist : twists) std::printf(" --with %s", to_text(twist).c_str());
    std::printf("\n");
  }
};

int show(const Scene& scene, const Options& options) {
  std::vector<Twist> twists;
  for (const auto& text : options.with) {
    const auto twist = twist_from(text);
    if (!twist || twist->site >= scene.cores.size()) {
      std::fprintf(stderr, "'%s' is no twist; one is KIND:SITE:AT, as in kill:1:17\n", text.c_str());
      return 2;
    }
    twists.push_back(*twist);
  }
  const auto end = tell(scene, twists, options.trace);
  std::printf("%u lines: %s\n", end.lines, end.problem.empty() ? "every promise was kept" : end.problem.c_str());
  return end.problem.empty() ? 0 : 1;
}

int run(const Options& options) {
  bool known = false, kept = true;
  for (const auto& scene : all_scenes()) {
    if (!options.name.empty() && options.name != scene.name) continue;
    known = true;
    if (!options.with.empty() || options.trace) return show(scene, options);
    kept = Search(scene, options).run() && kept;
  }
  if (!known) {
    std::fprintf(stderr, "there is no scene '%s'; there are:\n", options.name.c_str());
    for (const auto& scene : all_scenes())
      std::fprintf(stderr, "  %-10s %s\n", scene.name.c_str(), scene.about.c_str());
    return 2;
  }
  return kept ? 0 : 1;
}

}  // namespace

int main(int count, char** words) {
  Options options;
  CLI::App app("takes two whole controllers through every run with a bounded number of twists");
  app.add_option("--scene", options.name, "only this scene");
  app.add_option("--twists", options.twists, "how many at most in one run");
  app.add_option("--every", options.every, "of runs with more than one twist only every so-manieth");
  app.add_option("--with", options.with, "one run with these twists");
  app.add_flag("--trace", options.trace, "print all that happens in it");
  CLI11_PARSE(app, count, words);
  return run(options);
}
