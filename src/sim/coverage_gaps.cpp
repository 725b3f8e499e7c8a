// Coverage: cells that can't but be empty, each with its reason.
#include <algorithm>
#include <array>
#include <string_view>

#include "src/sim/coverage.hpp"

namespace hansa::sim {
namespace {

constexpr std::array<std::string_view, 5> of_admission{"TrustSummary", "TrustNews", "AskRenewal", "Inquiry",
                                                       "InquiryAnswer"};
constexpr std::array<std::string_view, 4> of_custody{"AskCustody", "CustodyReport", "AskPayload", "PayloadTold"};

bool names(const auto& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

}  // namespace

const std::vector<Gap>& gaps() {
  static const std::vector<Gap> all{
      {'a',
       "sites of a simulation know each other from their configuration; tests/unit/admission and "
       "tests/integration/federation/test_joining.py let sites in"},
      {'b',
       "adopting a lost site takes two operators, whom a simulation has not; tests/unit/copies and "
       "tests/integration/federation/test_lost_origin.py have them"},
  };
  return all;
}

const Gap* gap_of(const Coverage::Row& row, Fault) {
  if (row.of != Coverage::Row::Of::message) return nullptr;
  const auto word = Coverage::name_of(row);
  if (names(of_admission, word)) return &gaps()[0];
  if (names(of_custody, word)) return &gaps()[1];
  return nullptr;
}

}  // namespace hansa::sim
