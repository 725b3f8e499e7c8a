#include "src/client/quote_table.hpp"

#include <algorithm>
#include <cstdio>
#include <ctime>

#include "src/client/formats.hpp"
#include "src/client/json_read.hpp"
#include "src/client/table.hpp"
#include "src/client/times.hpp"
#include "src/client/verbs.hpp"

namespace hansa::client {
namespace {

std::string decimal(double number, const char* format) {
  char text[48];
  std::snprintf(text, sizeof text, format, number);
  return text;
}

}  // namespace

Result<int> print_quote(const std::string& body, bool json, bool coloured) {
  if (json) return print(body + "\n"), 0;
  const auto answer = parse_answer(body);
  if (!answer) return answer.error();
  Table table{.header = {"SITE", "POOL", "MODEL", "START IN", "PRICE/H", "TFLOPS", ""}, .rows = {}};
  bool any = false;
  for (const auto& line : list_of(*answer, "quotes")) {
    const bool offers = flag_of(line, "offers");
    any = any || offers;
    if (!offers) {
      table.rows.push_back({Cell(text_of(line, "site"), Colour::faint), "-", "-", Cell::number("-"), Cell::number("-"),
                            Cell::number("-"), Cell(text_of(line, "reason"), Colour::faint)});
      continue;
    }
    const auto model = text_of(line, "model");
    const auto start_s = number_of(line, "start_s");
    table.rows.push_back({text_of(line, "site"), text_of(line, "pool"), model.empty() ? "cpu" : model,
                          Cell::number(start_s > 0 ? format_span(start_s) : "now"),
                          Cell::number(decimal(number_of(line, "price_per_hour"), "%.2f")),
                          Cell::number(decimal(number_of(line, "tflops"), "%.0f")),
                          Cell(flag_of(line, "chosen") ? "<- would run here" : "", Colour::good)});
  }
  print(table.text(coloured));
  if (any) return 0;
  return refusal("no site would take this job now; the last column says why");
}

Result<int> say_quote(const std::string& body) {
  const auto answer = parse_answer(body);
  if (!answer) return answer.error();
  for (const auto& line : list_of(*answer, "quotes")) {
    if (!flag_of(line, "chosen")) continue;
    auto start = show_time(static_cast<double>(std::time(nullptr)) + number_of(line, "start_s"));
    std::replace(start.begin(), start.end(), ' ', 'T');
    complain("Job to start at " + start + " at " + text_of(line, "site") + " in partition " + text_of(line, "pool"));
    return 0;
  }
  return refusal("allocation failure: Requested node configuration is not available");
}

}  // namespace hansa::client
