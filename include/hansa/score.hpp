// Score: an opinion on where a job is best placed, as seconds.
//
// Problem: a site that starts the job at once but far away, one that is slow, one that is dear and one that has the
// second-best model can't be compared field by field. Idea: every consideration becomes seconds, and the sum is the
// expected end of the job in seconds-equivalents: lower is better. The terms are kept with their names, so that people
// can be told why (`hansa why`), and a term that decided badly can be found.
//
// Scores are pure: no clock, no randomness, no memory. Hard wishes (region, labels, excluded sites) are not scored:
// what they rule out is never an option (protocol/market/admission.hpp).
// To add one: a file in src/placement/, a line in registry.cpp; tests/contract/score is inherited.
#pragma once

#include <algorithm>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "hansa/types/ids.hpp"
#include "hansa/types/job.hpp"
#include "hansa/types/time.hpp"

namespace hansa {

// One way to place a job: what a site offers, or what this site itself expects.
struct Option {
  SiteName site;
  bool is_self = false;
  Duration start{0};            // earliest, from now, before any transfer
  Duration transfer{0};         // of the job's files to there
  double tflops = 0;            // of the job's whole shape there; 0: unknown
  double reference_tflops = 0;  // the speed that the job's time limit is thought of for; 0: unknown
  double price_per_hour = 0;    // of the whole shape
  std::size_t preference = 0;   // place of the pool's model in the user's list; 0: the most wanted
  Duration rtt{0};              // measured; 0: unknown, or this site
  std::string region;
  Duration expected_delay{0};  // what its broken promises cost on average
};

struct ScoreTerm {
  std::string name;
  double seconds = 0;

  bool operator==(const ScoreTerm&) const = default;
};

// The verdict on one option: the sum of its terms.
struct ScoreCard {
  std::vector<ScoreTerm> terms;

  double total() const {
    double sum = 0;
    for (const auto& term : terms) sum += term.seconds;
    return sum;
  }
  bool operator==(const ScoreCard&) const = default;
};

class Score {
 public:
  virtual ~Score() = default;

  virtual std::string_view name() const = 0;
  // One sentence for people who choose one.
  virtual std::string_view summary() const = 0;
  // Finite terms, also for unknown speeds and prices. An option that differs only by an earlier start never scores
  // worse, nor one that is only cheaper, or of a site that keeps its promises better.
  virtual ScoreCard card(const Option& option, const JobRequest& request) const = 0;
};

struct Ranked {
  std::size_t option = 0;  // index into what was ranked
  ScoreCard card;
  double total = 0;
};

// Best first; equals by the site's name, then by their place in `options`: a total order, whatever the score says.
inline std::vector<Ranked> rank(const Score& score, const JobRequest& request, std::span<const Option> options) {
  std::vector<Ranked> ranked;
  for (std::size_t i = 0; i < options.size(); ++i) {
    auto card = score.card(options[i], request);
    const auto total = card.total();
    ranked.push_back({i, std::move(card), total});
  }
  std::sort(ranked.begin(), ranked.end(), [&](const Ranked& a, const Ranked& b) {
    if (a.total != b.total) return a.total < b.total;
    if (options[a.option].site != options[b.option].site) return options[a.option].site < options[b.option].site;
    return a.option < b.option;
  });
  return ranked;
}

}  // namespace hansa
