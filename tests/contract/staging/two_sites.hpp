// Sites with a real StagingService each, joined by a network in memory that a test may make nasty.
//
// Frames go through the real codec. Nothing here sleeps: tests wait for events with a bound.
#pragma once

#include <gtest/gtest.h>

#include <condition_variable>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "protocol/wire/codec.hpp"
#include "src/staging/chunk.hpp"
#include "src/staging/names.hpp"
#include "src/staging/pack.hpp"
#include "src/staging/service.hpp"
#include "tests/unit/staging/temp_folder.hpp"

namespace hansa::staging {

inline constexpr auto patience = std::chrono::seconds(30);

class Network {
 public:
  // May change a message on its way; false loses it.
  using Fault = std::function<bool(const SiteName& from, const SiteName& to, BulkMessage& message)>;

  bool send(const SiteName& from, const SiteName& to, BulkMessage message) {
    const std::lock_guard lock(mutex_);
    const auto target = sites_.find(to);
    if (target == sites_.end() || !sites_.contains(from) || cut_) return false;
    ++sent_[message.index()];
    if (fault_ && !fault_(from, to, message)) return true;
    const auto decoded = decode_bulk_frame(encode_frame(1, message));
    EXPECT_TRUE(decoded.ok()) << decoded.error().text;
    if (decoded.ok()) target->second->on_bulk_frame(from, *decoded);
    return true;
  }

  void join(const SiteName& site, StagingService* service) {
    const std::lock_guard lock(mutex_);
    sites_[site] = service;
    for (const auto& [name, other] : sites_) {
      if (name == site) continue;
      other->on_link(site, true);
      service->on_link(name, true);
    }
  }
  void leave(const SiteName& site) {
    const std::lock_guard lock(mutex_);
    sites_.erase(site);
    for (const auto& [name, other] : sites_) other->on_link(site, false);
  }
  void set_fault(Fault fault) {
    const std::lock_guard lock(mutex_);
    fault_ = std::move(fault);
  }
  // From within a fault: the frame in hand is lost, and so is all that follows until mend().
  void cut_from_within() { cut_ = true; }
  void tell_links(bool up) {
    const std::lock_guard lock(mutex_);
    cut_ = !up;
    for (const auto& [name, service] : sites_) {
      for (const auto& [peer, ignored] : sites_) {
        if (peer != name) service->on_link(peer, up);
      }
    }
  }
  template <class Message>
  std::size_t sent() {
    const std::lock_guard lock(mutex_);
    return sent_[BulkMessage(Message{}).index()];
  }
  void forget_counts() {
    const std::lock_guard lock(mutex_);
    sent_.clear();
  }

 private:
  std::mutex mutex_;
  std::map<SiteName, StagingService*> sites_;
  std::map<std::size_t, std::size_t> sent_;
  Fault fault_;
  bool cut_ = false;
};

// One site: its state, its runs' folders, what its records say, and the events that came.
class TestSite final : public BulkSender, public StagingDirectory, public RunFolders, public StagingHandler {
 public:
  TestSite(Network& network, const std::string& name) : self{name}, network_(network) { start(); }
  ~TestSite() override { stop(); }

  void start() {
    StagingOptions options{.self = self, .state_folder = state.path(), .input_limits = limits, .output_limits = limits};
    options.downloads = {.answer_within_first = answer_within,
                         .answer_within_min = answer_within,
                         .back_off_min = std::chrono::milliseconds(10),
                         .back_off_max = std::chrono::milliseconds(100)};
    options.logs.look_every = std::chrono::milliseconds(5);
    options.progress_every = Duration{0};
    options.retry_after = std::chrono::milliseconds(20);
    options.chunks.bytes_max = store_bytes_max;
    auto opened = StagingService::open(options, {*this, *this, *this, *this});
    ASSERT_TRUE(opened.ok()) << opened.error().text;
    service = std::move(opened).value();
    network_.join(self, service.get());
  }
  void stop() {
    network_.leave(self);
    service.reset();
  }

  void restart() {
    stop();
    start();
  }

  // --- What staging asks of a daemon ---
  bool send(const SiteName& to, const BulkMessage& message) override { return network_.send(self, to, message); }
  std::optional<EncodedPayload> payload_of(const JobId& job) override {
    const std::lock_guard lock(mutex_);
    const auto found = payloads_.find(job);
    return found == payloads_.end() ? std::nullopt : std::optional(found->second);
  }
  bool is_host(const SiteName& site, const RunKey& run) override {
    const std::lock_guard lock(mutex_);
    return hosts_.contains({site, run});
  }
  bool is_origin(const SiteName& site, const RunKey& run) override {
    const std::lock_guard lock(mutex_);
    return origins_.contains({site, run});
  }
  RunLife life_of(const RunKey& run) override {
    const std::lock_guard lock(mutex_);
    const auto found = lives_.find(run);
    return found == lives_.end() ? RunLife::unknown : found->second;
  }
  Result<std::string> folder_of(const RunKey& run) override {
    runs.folder(file_name(run) + "/work");
    return runs.path(file_name(run) + "/work");
  }
  std::string stdout_file(const RunKey& run) const override { return runs.path(file_name(run) + "/stdout"); }
  std::string stderr_file(const RunKey& run) const override { return runs.path(file_name(run) + "/stderr"); }
  void on_event(StagingEvent event) override {
    {
      const std::lock_guard lock(mutex_);
      events_.push_back(std::move(event));
    }
    happened_.notify_all();
  }

  // --- What tests do ---
  template <class Event>
  std::optional<Event> next() {
    std::unique_lock lock(mutex_);
    std::optional<Event> found;
    happened_.wait_for(lock, patience, [&] {
      for (auto event = events_.begin(); event != events_.end(); ++event) {
        if (const auto* wanted = std::get_if<Event>(&*event)) {
          found = *wanted;
          events_.erase(event);
          return true;
        }
      }
      return false;
    });
    return found;
  }
  template <class Event>
  std::size_t count() {
    const std::lock_guard lock(mutex_);
    return static_cast<std::size_t>(std::count_if(events_.begin(), events_.end(), [](const StagingEvent& event) {
      return std::holds_alternative<Event>(event);
    }));
  }

  void set_host(const SiteName& site, const RunKey& run) {
    const std::lock_guard lock(mutex_);
    hosts_.insert({site, run});
  }
  void set_origin(const SiteName& site, const RunKey& run) {
    const std::lock_guard lock(mutex_);
    origins_.insert({site, run});
  }
  void set_payload(const JobId& job, const EncodedPayload& payload) {
    const std::lock_guard lock(mutex_);
    payloads_[job] = payload;
  }
  void set_life(const RunKey& run, RunLife life) {
    const std::lock_guard lock(mutex_);
    lives_[run] = life;
  }

  Status put(const ContentHash& hash, const std::string& zstd) {
    std::promise<Status> answered;
    service->put_chunk(hash, zstd, [&](Status status) { answered.set_value(std::move(status)); });
    return answered.get_future().get();
  }

  // As `hansa submit --workdir` does it: packs, uploads what is missing, submits.
  EncodedPayload submit(const JobId& job, const TempFolder& folder, std::vector<std::string> outputs = {}) {
    NullSink sink;
    const auto manifest = pack_folder(folder.path(), {}, sink);
    EXPECT_TRUE(manifest.ok()) << manifest.error().text;
    const PackedChunks packed(folder.path(), *manifest);
    service->missing_chunks(chunks_of(*manifest), [&](Result<std::vector<ContentHash>> missing) {
      for (const auto& hash : *missing) EXPECT_TRUE(put(hash, seal_chunk(*packed.read(hash))).ok());
    });
    EXPECT_TRUE(service->check_inputs(*manifest).ok());
    EXPECT_TRUE(service->keep_inputs(job, *manifest).ok());
    const EncodedPayload payload(encode(JobPayload{.inputs = *manifest, .outputs = std::move(outputs)}));
    const std::lock_guard lock(mutex_);
    payloads_[job] = payload;
    return payload;
  }

  Result<LogPiece> log(LogQuery query, const SiteName& host) {
    std::promise<Result<LogPiece>> answered;
    service->read_log(query, host, [&](Result<LogPiece> piece) { answered.set_value(std::move(piece)); });
    return answered.get_future().get();
  }
  Result<Manifest> output_manifest(const JobId& job) {
    std::promise<Result<Manifest>> answered;
    service->output_manifest(job, [&](Result<Manifest> manifest) { answered.set_value(std::move(manifest)); });
    return answered.get_future().get();
  }
  Result<std::string> output_chunk(const JobId& job, const ContentHash& hash) {
    std::promise<Result<std::string>> answered;
    service->get_output_chunk(job, hash, [&](Result<std::string> chunk) { answered.set_value(std::move(chunk)); });
    return answered.get_future().get();
  }

  const SiteName self;
  BundleLimits limits;
  std::uint64_t store_bytes_max = 1u << 30;
  Duration answer_within = std::chrono::seconds(20);  // no busy machine is taken for a lossy network
  TempFolder state, runs;
  std::unique_ptr<StagingService> service;

 private:
  Network& network_;
  std::mutex mutex_;
  std::condition_variable happened_;
  std::map<JobId, EncodedPayload> payloads_;
  std::set<std::pair<SiteName, RunKey>> hosts_, origins_;
  std::map<RunKey, RunLife> lives_;
  std::vector<StagingEvent> events_;
};

// A job of wujiang that taihu runs.
class TwoSites : public ::testing::Test {
 public:
  TwoSites() {
    origin.set_host(host.self, run);
    host.set_origin(origin.self, run);
    host.set_life(run, RunLife::alive);
  }
  std::string in_run(const std::string& name) const { return host.runs.read(file_name(run) + '/' + name); }
  void write_in_run(const std::string& name, const std::string& bytes) const {
    host.runs.write(file_name(run) + '/' + name, bytes);
  }
  // What the run wrote is over and collected; the hash of its outputs.
  OutputsCollected collect(const EncodedPayload& payload) {
    host.set_life(run, RunLife::ended);
    host.service->perform(CollectOutputs{run, payload});
    const auto collected = host.next<OutputsCollected>();
    EXPECT_TRUE(collected);
    return collected.value_or(OutputsCollected{});
  }
  OutputsHome pull(const ContentHash& outputs) {
    origin.service->perform(PullOutputs{run, host.self, outputs});
    const auto home = origin.next<OutputsHome>();
    EXPECT_TRUE(home);
    return home.value_or(OutputsHome{});
  }

  const JobId job{.store = {{7}}, .number = 42};
  const RunKey run{job, {1}};
  TempFolder files;
  Network network;
  TestSite origin{network, "wujiang"}, host{network, "taihu"};
};

}  // namespace hansa::staging
