// Prometheus' text format, and what a site counts in it.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "hansa/api.hpp"

namespace hansa::gateway {

// Families one after the other: its name, help and type, then its samples.
class PrometheusText {
 public:
  void counter(std::string_view name, std::string_view help) { family(name, help, "counter"); }
  void gauge(std::string_view name, std::string_view help) { family(name, help, "gauge"); }
  void sample(std::uint64_t value) { text_ += name_ + " " + std::to_string(value) + "\n"; }
  void sample(std::string_view label, std::string_view word, std::uint64_t value);
  // One sample a key; those of `always` even when nothing was counted, so that a rate has a zero to start from.
  void samples(std::string_view label, const SiteFigures::Counts& counts,
               std::initializer_list<std::string_view> always = {});

  std::string take() && { return std::move(text_); }

 private:
  void family(std::string_view name, std::string_view help, std::string_view type);

  std::string text_;
  std::string name_;
};

std::string figures_text(const SiteFigures& figures);

}  // namespace hansa::gateway
