#include "tests/model/case.hpp"

namespace hansa::model {
namespace {

using enum Fault;

std::vector<Case> make_cases() {
  std::vector<Case> cases;
  cases.push_back({.name = "calm", .about = "one host, one place, nothing strikes", .epochs = 1});
  cases.push_back({.name = "crashes",
                   .about = "one host, two places; each daemon crashes, everything in transit is lost once",
                   .faults = {{origin_crash}, {host_crash}, {loss}}});
  return cases;
}

}  // namespace

const std::vector<Case>& all_cases() {
  static const auto cases = make_cases();
  return cases;
}

const Case* find_case(std::string_view name) {
  for (const auto& each : all_cases()) {
    if (each.name == name) return &each;
  }
  return nullptr;
}

}  // namespace hansa::model
