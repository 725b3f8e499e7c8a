#include "tests/unit/conversation/talk.hpp"

#include <algorithm>
#include <sstream>

#include "protocol/wire/codec.hpp"
#include "src/sim/words.hpp"

namespace hansa::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Duration travel = milliseconds(2);

std::string names_in(const std::string& frame) {
  const auto decoded = decode_frame(frame);
  if (!decoded) return "?";
  std::string names = "version " + std::to_string(decoded->version) + ":";
  for (const auto& message : decoded->messages) names += ' ' + std::string(name_of(message));
  return names;
}

std::string bytes_of(const std::string& hex) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
    bytes.push_back(static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16)));
  return bytes;
}

std::vector<Pool> pools_of(const SiteName& site) {
  if (site == origin_name) return {{.name = "cpu", .nodes = 1, .per_node = {.cores = 4, .memory_mib = 16'384}}};
  return {{.name = "a100",
           .model = "nvidia-a100",
           .nodes = 2,
           .per_node = {.accelerators = 8, .cores = 64, .memory_mib = 524'288},
           .tflops_per_unit = 312,
           .price_per_unit_hour = 6.8}};
}

sim::SimSiteOptions options_of(const SiteName& site, ProtocolRange spoken) {
  sim::SimSiteOptions options{.pools = pools_of(site), .seed = site == origin_name ? 7u : 8u};
  auto& controller = options.controller;
  controller.site = site;
  controller.region = "cn/east";
  controller.version = "1";
  controller.backend = "process";
  controller.protocol = spoken;
  controller.calls = {.per_second = 0.5, .saved_max = 1};
  return options;
}

}  // namespace

std::string as_text(const Conversation& conversation) {
  std::ostringstream text;
  for (const auto& [at, from, frame] : conversation) {
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(frame.data());
    text << at.time_since_epoch().count() << ' ' << from.value << ' ' << to_hex(bytes, frame.size()) << ' '
         << names_in(frame) << '\n';
  }
  return text.str();
}

Conversation from_text(const std::string& text) {
  Conversation conversation;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    Duration::rep at = 0;
    std::string from, hex;
    words >> at >> from >> hex;
    conversation.push_back({Instant{Duration{at}}, SiteName{from}, bytes_of(hex)});
  }
  return conversation;
}

Talk::Talk(ProtocolRange origin, ProtocolRange host) {
  add(origin_name, origin);
  add(host_name, host);
}

Talk::Talk(const SiteName& live, ProtocolRange spoken, const Conversation& recording) {
  add(live, spoken);
  for (const auto& said : recording) {
    if (said.from == live) continue;
    timeline_.at(said.at + travel, [this, live, said] { hear(live, said.from, said.frame); });
  }
}

void Talk::add(const SiteName& name, ProtocolRange spoken) {
  auto side = std::make_unique<Side>(Side{Session(spoken), FakeSignatures(name.value), nullptr});
  side->site = std::make_unique<sim::SimSite>(options_of(name, spoken), surroundings(*side));
  sides_.emplace(name, std::move(side));
}

sim::SimSurroundings Talk::surroundings(Side& side) {
  return {.timeline = timeline_,
          .log = log_,
          .signatures = side.signatures,
          .send = [this](const SiteName& from, const SiteName&, Message m) { say(from, std::move(m)); },
          .reachable = [](const SiteName&, const SiteName&) { return true; },
          .plan = [](const RunKey&) { return sim::RunPlan{.wrapper_delay = milliseconds(10), .duration = seconds(6)}; },
          .durable = [](const SiteName&, const StoreRecord&) {},
          .leaves = [](const SiteName&, const Send&) {},
          .started = [this](const SiteName&, const StartRun&) { ++runs_started_; },
          .ended = [](const SiteName&, const RunKey&) {}};
}

// As the link's shell does: a Hello opens the session, everything else goes in frames of the version agreed on.
void Talk::say(const SiteName& from, Message message) {
  auto& session = sides_.at(from)->session;
  std::vector<std::string> frames;
  if (const auto* hello = std::get_if<Hello>(&message)) {
    frames.push_back(session.open(*hello));
  } else {
    frames = session.seal({std::move(message)});
  }
  for (auto& frame : frames) {
    spoken_.push_back({timeline_.now(), from, frame});
    const auto to = from == origin_name ? host_name : origin_name;
    if (sides_.contains(to)) timeline_.after(travel, [this, to, from, frame] { hear(to, from, frame); });
  }
}

void Talk::hear(const SiteName& at, const SiteName& from, const std::string& frame) {
  auto& side = *sides_.at(at);
  const auto verdict = side.session.receive(timeline_.now(), frame);
  if (const auto* delivered = std::get_if<Deliver>(&verdict)) {
    for (const auto& message : delivered->messages) side.site->receive(from, message);
  } else if (std::holds_alternative<CutOff>(verdict)) {
    ++cut_offs_;
  }
}

void Talk::submit(std::uint32_t accelerators, OnPartition on_partition) {
  JobRequest request{.name = "train", .user = "liwei", .on_partition = on_partition, .lease = seconds(40)};
  request.resources.per_node = {.accelerators = accelerators, .cores = 8, .memory_mib = 65'536};
  request.resources.time_limit = std::chrono::minutes(5);
  const SubmitJobs call{.jobs = {{.request = request, .payload = encode(JobPayload{.script = "#!/bin/sh\ntrain\n"})}}};
  sides_.at(origin_name)->site->call({.user = "liwei"}, call, [](const ApiReply&) {});
}

void Talk::run() {
  for (auto& [name, side] : sides_) {
    const auto peer = name == origin_name ? host_name : origin_name;
    side->site->start({{peer, FakeSignatures::identity_of(peer.value)}});
  }
  for (auto& [name, side] : sides_) side->site->link(name == origin_name ? host_name : origin_name, true);
  if (sides_.contains(origin_name)) {
    timeline_.at(Instant{seconds(3)}, [this] { submit(2, OnPartition::rerun); });
    timeline_.at(Instant{seconds(4)}, [this] { submit(4, OnPartition::wait); });
  }
  const Instant end{seconds(30)};
  while (timeline_.step(end)) {
  }
}

}  // namespace hansa::test
