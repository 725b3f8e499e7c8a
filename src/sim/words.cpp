#include "src/sim/words.hpp"

#include "protocol/wire/codec.hpp"

namespace hansa::sim {
namespace {

std::string detail(const auto& message) {
  if constexpr (requires { message.run; }) return " " + brief(message.run);
  return "";
}
std::string detail(const Award& message) {
  std::string text;
  for (const auto& task : message.tasks) text += " " + brief(task.run);
  return text;
}
std::string detail(const Revoke& message) {
  return " " + brief(message.run) + (message.mode == RevokeMode::always ? " always" : " if not started");
}
std::string detail(const Finished& message) {
  return " " + brief(message.run) + " " + std::string(to_word(message.outcome.state));
}
std::string detail(const Return& message) {
  return " " + brief(message.run) + " " + std::string(to_word(message.reason));
}
std::string detail(const Refused& message) {
  return " " + brief(message.run) + " " + std::string(to_word(message.reason));
}
std::string detail(const Progress& message) {
  return " " + brief(message.run) + " " + std::string(to_word(message.phase));
}
std::string detail(const Renew& message) {
  return " of " + std::to_string(message.runs.size());
}
std::string detail(const Renewed& message) {
  return " of " + std::to_string(message.runs.size());
}

std::string state_of(const JobRecord& record) {
  std::string text;
  if (std::holds_alternative<Pending>(record.state)) text = "Pending";
  if (const auto* at = std::get_if<Awarding>(&record.state)) text = "Awarding(" + at->host.value + ")";
  if (const auto* at = std::get_if<Delegated>(&record.state)) {
    text = "Delegated(" + at->host.value + ")";
    if (at->wish == Wish::move) text += " move";
    if (at->wish == Wish::revoke) text += " revoke";
    if (at->started) text += " started";
  }
  if (const auto* end = std::get_if<Ended>(&record.state)) text = "Ended " + std::string(to_word(end->outcome->state));
  if (record.cancel_wished) text += " cancelled";
  if (record.held) text += " held";
  if (!record.duties.empty()) text += " duties=" + std::to_string(record.duties.size());
  return text;
}

std::string state_of(const RunRecord& record) {
  static constexpr const char* names[] = {"accepted", "confirmed", "started", "revoked", "returned", "finished"};
  std::string text = names[static_cast<std::size_t>(record.state)];
  if (record.stopping) text += " stopping";
  if (record.answered) text += " answered";
  return text;
}

std::string words(const PutJob& put) {
  return "job " + brief(put.record.id) + "#" + std::to_string(put.record.epoch.value) + " " + state_of(put.record);
}
std::string words(const PutJobPayload&) {
  return "";
}
std::string words(const DropJob& drop) {
  return "drop job " + brief(drop.job);
}
std::string words(const PutRun& put) {
  return "run " + brief(put.record.key) + " " + state_of(put.record);
}
std::string words(const PutRunPayload&) {
  return "";
}
std::string words(const DropRun& drop) {
  return "drop run " + brief(drop.run);
}
std::string words(const PutNote&) {
  return "";
}
std::string words(const PutFact& put) {
  return "fact " + put.name + "=" + std::to_string(put.value);
}

template <class Event>
std::string about(const char* name, const Event& event) {
  return std::string(name) + " " + brief(event.run);
}

}  // namespace

std::string brief(const JobId& job) {
  auto text = to_hex(job.store).substr(0, 4) + "-" + std::to_string(job.number);
  if (job.task != JobId::no_task) text += "_" + std::to_string(job.task);
  return text;
}

std::string brief(const RunKey& run) {
  return brief(run.job) + "#" + std::to_string(run.epoch.value);
}

std::string brief(const Message& message) {
  return std::string(name_of(message)) + std::visit([](const auto& content) { return detail(content); }, message);
}

std::string brief(const StoreRecord& record) {
  return std::visit([](const auto& content) { return words(content); }, record);
}

std::string brief(const BackendCommand& command) {
  struct Words {
    std::string operator()(const StartRun& c) const { return about("start", c) + " on " + c.allocation.pool; }
    std::string operator()(const StopRun& c) const { return about("stop", c); }
    std::string operator()(const ClaimRun& c) const { return about("claim", c); }
    std::string operator()(const LookForRun& c) const { return about("look for", c); }
    std::string operator()(const ExtendLease& c) const { return about("extend lease of", c); }
    std::string operator()(const ForgetRun& c) const { return about("forget", c); }
    std::string operator()(const StopStrayRuns& c) const { return "stop all but " + std::to_string(c.known.size()); }
  };
  return std::visit(Words{}, command);
}

std::string brief(const BackendEvent& event) {
  struct Words {
    std::string operator()(const RunStarted& e) const { return about("started", e); }
    std::string operator()(const StartFailed& e) const {
      return about(e.claim_lost ? "claim lost" : "start failed", e);
    }
    std::string operator()(const RunEnded& e) const { return about(e.by_lease ? "ended by its lease" : "ended", e); }
    std::string operator()(const ClaimDecided& e) const { return about(e.won ? "claim won" : "claim missed", e); }
    std::string operator()(const RunFound& e) const {
      static constexpr const char* states[] = {"never started", "claimed", "running", "ended"};
      return about("found", e) + " " + states[static_cast<std::size_t>(e.state)];
    }
    std::string operator()(const StrayRunsStopped& e) const {
      return "strays stopped: " + std::to_string(e.stopped.size());
    }
    std::string operator()(const LoadReported& e) const { return e.problem.empty() ? "load" : "no load: " + e.problem; }
  };
  return std::visit(Words{}, event);
}

bool is_about_members(const Message& message) {
  constexpr auto gossip_push = 7;  // Hello … GossipPush come first in the variant
  static_assert(std::is_same_v<std::variant_alternative_t<gossip_push, Message>, GossipPush>);
  return message.index() <= gossip_push;
}

}  // namespace hansa::sim
