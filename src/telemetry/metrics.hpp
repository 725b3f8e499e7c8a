// Metrics: what the daemon counts, as Prometheus reads it.
//
// Names begin with hansa_, are in base units and end in what they are: counters in _total, times in _seconds, sizes in
// _bytes. Labels take a few values known beforehand (a lane, a peer, a reason): never a job, a user or anything else
// that a stranger can invent. A metric that is asked for again, with the same labels, is the same metric.
//
// All of it may be used from any thread. Handles live as long as the Metrics that made them.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace prometheus {
class Counter;
class Gauge;
class Histogram;
}  // namespace prometheus

namespace hansa {

using MetricLabels = std::map<std::string, std::string>;

class CounterHandle {
 public:
  explicit CounterHandle(prometheus::Counter& counter) : counter_(&counter) {}
  void add(double how_many = 1);

 private:
  prometheus::Counter* counter_;
};

class GaugeHandle {
 public:
  explicit GaugeHandle(prometheus::Gauge& gauge) : gauge_(&gauge) {}
  void set(double value);
  void add(double how_many);

 private:
  prometheus::Gauge* gauge_;
};

class HistogramHandle {
 public:
  explicit HistogramHandle(prometheus::Histogram& histogram) : histogram_(&histogram) {}
  void observe(double value);

 private:
  prometheus::Histogram* histogram_;
};

// Bounds from 100 µs to 100 s, three a decade: handoffs, syncs, requests.
std::vector<double> seconds_buckets();

class Metrics {
 public:
  Metrics();
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  // A name that breaks the rules above is our own mistake: std::invalid_argument, at the daemon's start and in its
  // tests.
  CounterHandle counter(const std::string& name, const std::string& help, const MetricLabels& labels = {});
  GaugeHandle gauge(const std::string& name, const std::string& help, const MetricLabels& labels = {});
  HistogramHandle histogram(const std::string& name, const std::string& help, const std::vector<double>& bounds,
                            const MetricLabels& labels = {});

  // For what somebody counts already: read when the metrics are. `read` outlives its use, until forget().
  void read_counter(const std::string& name, const std::string& help, std::function<double()> read,
                    const MetricLabels& labels = {});
  void read_gauge(const std::string& name, const std::string& help, std::function<double()> read,
                  const MetricLabels& labels = {});
  // No read function is called after this: before what they read ends.
  void forget_read();

  // Prometheus' text format, version 0.0.4.
  std::string text() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace hansa
