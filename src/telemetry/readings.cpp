#include "src/telemetry/readings.hpp"

namespace hansa {
namespace {

prometheus::ClientMetric sample(const Reading& reading) {
  prometheus::ClientMetric metric;
  for (const auto& [name, value] : reading.labels) metric.label.push_back({name, value});
  const double value = reading.read();
  if (reading.type == prometheus::MetricType::Counter)
    metric.counter.value = value;
  else
    metric.gauge.value = value;
  return metric;
}

}  // namespace

void Readings::add(Reading reading) {
  const std::scoped_lock lock(mutex_);
  readings_.push_back(std::move(reading));
}

void Readings::clear() {
  const std::scoped_lock lock(mutex_);
  readings_.clear();
}

std::vector<prometheus::MetricFamily> Readings::Collect() const {
  const std::scoped_lock lock(mutex_);
  std::map<std::string, prometheus::MetricFamily> families;
  for (const auto& reading : readings_) {
    auto& family = families[reading.name];
    family.name = reading.name;
    family.help = reading.help;
    family.type = reading.type;
    family.metric.push_back(sample(reading));
  }
  std::vector<prometheus::MetricFamily> found;
  for (auto& [name, family] : families) found.push_back(std::move(family));
  return found;
}

}  // namespace hansa
