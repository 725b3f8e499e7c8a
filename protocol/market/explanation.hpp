// Explanation: how a choice was made, for `hansa why` and `submit --test-only`. Data first, JSON at the end.
//
// One is made for each call and shared by all jobs that the call was for.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "hansa/score.hpp"
#include "hansa/types/ids.hpp"
#include "hansa/types/time.hpp"

namespace hansa {

enum class Part : std::uint8_t {
  home,       // this site itself
  not_asked,  // `reason` says why
  asked,      // no answer (yet)
  bid,
  declined,  // `reason` says why
};

struct ExplainedSite {
  SiteName site;
  Part part = Part::not_asked;
  std::string reason;
  std::string pool;
  std::string model;
  Duration start{0};  // from then, before transfer
  Duration transfer{0};
  double tflops = 0;
  double price_per_hour = 0;
  std::uint32_t offered = 0;  // jobs it offered to take
  std::uint32_t chosen = 0;   // jobs that it got
  ScoreCard card;             // empty when there was nothing to score
};

struct Explanation {
  WallTime at;
  std::uint32_t jobs = 1;  // equal ones that were placed together
  std::string score;       // whose opinion
  std::string how;         // one sentence: what was decided and why
  std::vector<ExplainedSite> sites;
  std::size_t sites_left_out = 0;  // not asked, and not listed
};

using SharedExplanation = std::shared_ptr<const Explanation>;

std::string_view to_word(Part part);  // "not asked"

// {"at","jobs","score","how","sites":[{"site","part","reason",…,"terms":{name: seconds},"total"}],"sites_left_out"};
// seconds and plain numbers.
std::string to_json(const Explanation& explanation);

}  // namespace hansa
