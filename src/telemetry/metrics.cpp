#include "src/telemetry/metrics.hpp"

#include <prometheus/check_names.h>
#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <stdexcept>

#include "src/telemetry/readings.hpp"

namespace hansa {
namespace {

void check_name(const std::string& name, bool is_counter) {
  if (!name.starts_with("hansa_")) throw std::invalid_argument("metric " + name + ": names begin with hansa_");
  if (!prometheus::CheckMetricName(name))
    throw std::invalid_argument("metric " + name + ": letters, digits and _ only");
  if (name.ends_with("_total") != is_counter)
    throw std::invalid_argument("metric " + name + ": counters, and they alone, end in _total");
}

}  // namespace

void CounterHandle::add(double how_many) {
  counter_->Increment(how_many);
}
void GaugeHandle::set(double value) {
  gauge_->Set(value);
}
void GaugeHandle::add(double how_many) {
  gauge_->Increment(how_many);
}
void HistogramHandle::observe(double value) {
  histogram_->Observe(value);
}

std::vector<double> seconds_buckets() {
  std::vector<double> bounds;
  for (double decade = 1e-4; decade < 99; decade *= 10)
    for (const double step : {1.0, 2.0, 5.0}) bounds.push_back(decade * step);
  bounds.push_back(100);
  return bounds;
}

struct Metrics::Parts {
  prometheus::Registry registry{prometheus::Registry::InsertBehavior::Merge};
  Readings readings;
};

Metrics::Metrics() : parts_(std::make_unique<Parts>()) {}
Metrics::~Metrics() = default;

CounterHandle Metrics::counter(const std::string& name, const std::string& help, const MetricLabels& labels) {
  check_name(name, true);
  auto& family = prometheus::BuildCounter().Name(name).Help(help).Register(parts_->registry);
  return CounterHandle(family.Add(labels));
}

GaugeHandle Metrics::gauge(const std::string& name, const std::string& help, const MetricLabels& labels) {
  check_name(name, false);
  auto& family = prometheus::BuildGauge().Name(name).Help(help).Register(parts_->registry);
  return GaugeHandle(family.Add(labels));
}

HistogramHandle Metrics::histogram(const std::string& name, const std::string& help, const std::vector<double>& bounds,
                                   const MetricLabels& labels) {
  check_name(name, false);
  auto& family = prometheus::BuildHistogram().Name(name).Help(help).Register(parts_->registry);
  return HistogramHandle(family.Add(labels, bounds));
}

void Metrics::read_counter(const std::string& name, const std::string& help, std::function<double()> read,
                           const MetricLabels& labels) {
  check_name(name, true);
  parts_->readings.add({name, help, prometheus::MetricType::Counter, labels, std::move(read)});
}

void Metrics::read_gauge(const std::string& name, const std::string& help, std::function<double()> read,
                         const MetricLabels& labels) {
  check_name(name, false);
  parts_->readings.add({name, help, prometheus::MetricType::Gauge, labels, std::move(read)});
}

void Metrics::forget_read() {
  parts_->readings.clear();
}

std::string Metrics::text() const {
  auto families = parts_->registry.Collect();
  for (auto& family : parts_->readings.Collect()) families.push_back(std::move(family));
  return prometheus::TextSerializer().Serialize(families);
}

}  // namespace hansa
