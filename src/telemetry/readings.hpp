// Readings: metrics that somebody else keeps, read by a function when they are asked for.
#pragma once

#include <prometheus/collectable.h>
#include <prometheus/metric_family.h>

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace hansa {

struct Reading {
  std::string name, help;
  prometheus::MetricType type = prometheus::MetricType::Gauge;
  std::map<std::string, std::string> labels;
  std::function<double()> read;
};

class Readings : public prometheus::Collectable {
 public:
  void add(Reading reading);
  // Returns once no reading is under way.
  void clear();
  // Those of one name are one family.
  std::vector<prometheus::MetricFamily> Collect() const override;

 private:
  mutable std::mutex mutex_;
  std::vector<Reading> readings_;
};

}  // namespace hansa
