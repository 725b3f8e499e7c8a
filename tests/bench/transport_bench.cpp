// Transport: our lanes beside bare ZeroMQ sockets with CURVE, in one run, between two processes on loopback.
//
// The other process echoes. Raw: a DEALER here and a ROUTER there, one thread each, nothing in between. Ours, twice:
// the next ping is sent from the handler (the transport alone), and from a thread that sleeps until the answer is there
// (as a user of the transport would). Floods go one way; the last frame is answered. Every figure is the median of
// rounds in which raw and ours take turns, so that a busy moment of the machine meets both.
#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "tests/bench/raw_link.hpp"

namespace {

using namespace hansa;
using namespace hansa::bench;
using namespace std::chrono_literals;

constexpr int rounds = 5;

// --- This process ---------------------------------------------------------------------------------------------------

class Ours : private TransportHandler {
 public:
  explicit Ours(const OtherProcess& other) {
    const auto keys = keys_numbered(1);
    auto started = ZmqTransport::start({.public_key = keys.public_key, .secret_key = keys.secret_key}, *this);
    if (!started) throw std::runtime_error(started.error().text);
    transport_ = std::move(*started);
    transport_->set_peers({address_numbered(2, other.endpoints[2], other.endpoints[3])});
    wait([this] { return links_up_ == 2; });
  }

  Latency latency_of_handler() {
    std::vector<double> samples;
    Clock::time_point start;
    bool done = false;
    const auto next = [&] {
      start = Clock::now();
      send(Lane::control, std::string(small_bytes, echo));
    };
    set_on_answer([&] {
      samples.push_back(us_since(start));
      done = samples.size() == pings;
      if (!done) next();
    });
    next();
    wait([&] { return done; });
    set_on_answer([] {});
    return percentiles(samples);
  }
  Latency latency_of_thread() {
    std::vector<double> samples;
    for (int i = 0; i < pings; ++i) samples.push_back(ping(Lane::control));
    return percentiles(samples);
  }
  double frames_per_s() { return flood(Lane::control, flood_frames, small_bytes); }
  double bulk_mb_per_s() { return flood(Lane::bulk, bulk_frames, bulk_bytes) * bulk_bytes / 1e6; }

  // A probe's round trip while the bulk lane is never empty.
  Latency latency_beside_bulk() {
    std::vector<double> samples;
    const std::string chunk(bulk_bytes, swallow);
    for (int i = 0; i < 300; ++i) {
      while (transport_->send(there_, Lane::bulk, chunk)) {
      }
      samples.push_back(ping(Lane::control));
    }
    ping(Lane::bulk);
    return percentiles(samples);
  }

 private:
  void on_frame(const SiteName&, Lane, std::string_view) override {
    const std::scoped_lock lock(mutex_);
    ++answers_;
    on_answer_();
    answered_.notify_one();
  }
  void on_link(const SiteName&, Lane, bool up) override {
    const std::scoped_lock lock(mutex_);
    links_up_ += up ? 1 : -1;
    answered_.notify_one();
  }
  void set_on_answer(std::function<void()> on_answer) {
    const std::scoped_lock lock(mutex_);
    on_answer_ = std::move(on_answer);
  }
  void wait(const std::function<bool()>& condition) {
    std::unique_lock lock(mutex_);
    if (!answered_.wait_for(lock, 60s, condition)) throw std::runtime_error("no answer");
  }
  // A full queue is waited for.
  void send(Lane lane, std::string frame) {
    while (!transport_->send(there_, lane, frame)) std::this_thread::sleep_for(50us);
  }
  double ping(Lane lane) {
    const int before = answers_;
    const auto start = Clock::now();
    send(lane, std::string(small_bytes, echo));
    wait([&] { return answers_ > before; });
    return us_since(start);
  }
  double flood(Lane lane, int frames, std::size_t bytes) {
    const std::string frame(bytes, swallow);
    const auto start = Clock::now();
    for (int i = 1; i < frames; ++i) send(lane, frame);
    ping(lane);
    return frames / (us_since(start) / 1e6);
  }

  const SiteName there_{"there"};
  std::mutex mutex_;
  std::condition_variable answered_;
  int answers_ = 0, links_up_ = 0;
  std::function<void()> on_answer_ = [] {};
  std::unique_ptr<ZmqTransport> transport_;
};

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

Latency median(const std::vector<Latency>& values) {
  std::vector<double> p50, p99;
  for (const auto& value : values) p50.push_back(value.p50_us), p99.push_back(value.p99_us);
  return {median(p50), median(p99)};
}

void print(const char* what, const Latency& latency) {
  std::printf("%-46s p50 %8.1f us   p99 %8.1f us   one way p50 %6.1f us\n", what, latency.p50_us, latency.p99_us,
              latency.p50_us / 2);
}

void compare() {
  const OtherProcess other;
  RawLink raw(other);
  Ours ours(other);
  std::vector<Latency> raw_latency, handler_latency, thread_latency, beside_bulk;
  std::vector<double> raw_frames, our_frames, raw_bulk, our_bulk;
  for (int round = 0; round < rounds; ++round) {
    raw_latency.push_back(raw.latency());
    handler_latency.push_back(ours.latency_of_handler());
    thread_latency.push_back(ours.latency_of_thread());
    raw_frames.push_back(raw.frames_per_s());
    our_frames.push_back(ours.frames_per_s());
    raw_bulk.push_back(raw.bulk_mb_per_s());
    our_bulk.push_back(ours.bulk_mb_per_s());
    beside_bulk.push_back(ours.latency_beside_bulk());
  }
  print("round trip, raw ZeroMQ with CURVE", median(raw_latency));
  print("round trip, ours, handler to handler", median(handler_latency));
  print("round trip, ours, from a sleeping thread", median(thread_latency));
  print("round trip, ours, while bulk data flows", median(beside_bulk));
  std::printf("%-46s %10.0f frames/s\n", "frames of 100 bytes, one way, raw", median(raw_frames));
  std::printf("%-46s %10.0f frames/s\n", "frames of 100 bytes, one way, ours", median(our_frames));
  std::printf("%-46s %10.0f MB/s\n", "chunks of 4 MiB, one way, raw", median(raw_bulk));
  std::printf("%-46s %10.0f MB/s\n", "chunks of 4 MiB, one way, ours", median(our_bulk));
}

}  // namespace

int main(int count, char** arguments) {
  try {
    if (count > 1 && std::string(arguments[1]) == "--other") be_the_other();
    compare();
  } catch (const std::exception& problem) {
    std::fprintf(stderr, "transport bench: %s\n", problem.what());
    return EXIT_FAILURE;
  }
}
