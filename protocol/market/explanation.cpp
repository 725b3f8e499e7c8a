#include "protocol/market/explanation.hpp"

#include <cmath>
#include <cstdio>

namespace hansa {
namespace {

// Just enough JSON to write flat objects: names come from here, texts from anywhere.
class Writer {
 public:
  explicit Writer(std::string& out) : out_(out) {}

  void text(std::string_view name, std::string_view value) {
    key(name);
    quoted(value);
  }
  void number(std::string_view name, double value) {
    key(name);
    char digits[32];
    std::snprintf(digits, sizeof digits, "%.15g", std::isfinite(value) ? std::round(value * 1e6) / 1e6 : 0.0);
    out_ += digits;
  }
  void key(std::string_view name) {
    if (out_.back() != '{' && out_.back() != '[') out_ += ',';
    quoted(name);
    out_ += ':';
  }

 private:
  void quoted(std::string_view value) {
    out_ += '"';
    for (const char c : value) {
      if (c == '"' || c == '\\') {
        out_ += '\\';
        out_ += c;
      } else if (static_cast<unsigned char>(c) < 0x20) {
        char escape[8];
        std::snprintf(escape, sizeof escape, "\\u%04x", static_cast<unsigned>(static_cast<unsigned char>(c)));
        out_ += escape;
      } else {
        out_ += c;
      }
    }
    out_ += '"';
  }

  std::string& out_;
};

void write_terms(const ScoreCard& card, std::string& out) {
  Writer writer(out);
  writer.key("terms");
  out += '{';
  for (const auto& term : card.terms) Writer(out).number(term.name, term.seconds);
  out += '}';
  writer.number("total", card.total());
}

void write_offer(const ExplainedSite& site, std::string& out) {
  Writer writer(out);
  writer.text("pool", site.pool);
  writer.text("model", site.model);
  writer.number("start", seconds(site.start));
  writer.number("transfer", seconds(site.transfer));
  writer.number("tflops", site.tflops);
  writer.number("price_per_hour", site.price_per_hour);
  write_terms(site.card, out);
}

void write_site(const ExplainedSite& site, std::string& out) {
  if (out.back() == '}') out += ',';
  out += '{';
  Writer writer(out);
  writer.text("site", site.site.value);
  writer.text("part", to_word(site.part));
  if (!site.reason.empty()) writer.text("reason", site.reason);
  if (!site.card.terms.empty()) write_offer(site, out);
  if (site.part == Part::bid) writer.number("offered", site.offered);
  writer.number("chosen", site.chosen);
  out += '}';
}

}  // namespace

std::string_view to_word(Part part) {
  switch (part) {
    case Part::home:
      return "home";
    case Part::not_asked:
      return "not asked";
    case Part::asked:
      return "silent";
    case Part::bid:
      return "bid";
    case Part::declined:
      return "declined";
  }
  return "unknown";
}

std::string to_json(const Explanation& explanation) {
  std::string out = "{";
  Writer writer(out);
  writer.number("at", static_cast<double>(explanation.at.unix_ms) / 1000);
  writer.number("jobs", explanation.jobs);
  writer.text("score", explanation.score);
  writer.text("how", explanation.how);
  writer.key("sites");
  out += '[';
  for (const auto& site : explanation.sites) write_site(site, out);
  out += ']';
  writer.number("sites_left_out", static_cast<double>(explanation.sites_left_out));
  return out + "}";
}

}  // namespace hansa
