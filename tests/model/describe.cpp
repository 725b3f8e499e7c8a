// What people read: messages, choices and states in words. A choice's words name it among all that could be next.
#include "protocol/wire/reflect.hpp"
#include "tests/model/world.hpp"

namespace hansa::model {
namespace {

std::string words(const RunKey& run) {
  return " " + brief(run);
}

template <class M>
std::string details(const M& message) {
  std::string text;
  if constexpr (requires { message.tasks; }) {
    for (const auto& task : message.tasks) text += words(task.run) + " bid " + std::to_string(task.bid.bytes[4]);
  }
  if constexpr (requires { message.runs; }) {
    for (const auto& run : message.runs) {
      if constexpr (std::is_same_v<std::decay_t<decltype(run)>, RunKey>) text += words(run);
    }
  }
  if constexpr (requires { message.run; }) text += words(message.run);
  if constexpr (requires { message.mode; }) text += message.mode == RevokeMode::always ? "" : " if not started";
  if constexpr (std::is_same_v<M, Revoke>) text += message.bid.is_zero() ? "" : " with its bid";
  if constexpr (requires { message.outcome; }) text += " " + std::string(to_word(message.outcome.state));
  if constexpr (requires { message.number.daemon; }) {
    text += " number " + std::to_string(message.number.daemon.bytes[1]) + "/" + std::to_string(message.number.count);
  }
  return text;
}

const char* word(RunState state) {
  constexpr std::array words = {"accepted", "confirmed", "started", "revoked", "returned", "finished"};
  return words[static_cast<std::size_t>(state)];
}

}  // namespace

std::string describe(SiteIndex from, const SiteName& to, const Message& message) {
  return std::visit(
      [&](const auto& content) {
        return to.value + " hears " + std::string(wire::type_word<std::decay_t<decltype(content)>>()) +
               details(content) + " from " + site_name(from).value;
      },
      message);
}

std::string World::describe(const Choice& choice) const {
  switch (choice.offer.deed) {
    case Deed::hear:
      return messages_[choice.offer.detail].text;
    case Deed::refuse:
      return messages_[choice.offer.detail].text + ", and refuses";
    case Deed::award:
      return site_name(0).value + ": awards to " + site_name(choice.peer).value + " job " +
             std::to_string(choice.offer.detail + 1);
    case Deed::learn:
      return site_name(choice.site).value + ": learns which store " + site_name(choice.peer).value + " has";
    case Deed::forget:
      return site_name(0).value + ": its operator holds " + site_name(choice.peer).value + " for dead" +
             (choice.offer.detail == 0 ? "" : ", and it can't come back");
    default:
      return model::describe(choice.site, choice.offer);
  }
}

std::string World::describe(const State& state) const {
  std::string text;
  for (SiteIndex at = 0; at < case_.sites; ++at) {
    const auto& site = sites_[state.site[at]];
    text += "     " + site_name(at).value + ":";
    for (const auto& [id, job] : site.origin.jobs()) {
      constexpr std::array words = {"pending", "awarding", "delegated", "ended"};
      text += " job " + std::to_string(job_index(id) + 1) + " " + words[job.record.state.index()];
      if (const auto* host = host_of(job.record.state)) text += " to " + host->value;
      text += ", epoch " + std::to_string(job.record.epoch.value) + ", " + std::to_string(job.record.duties.size()) +
              " duties;";
    }
    for (const auto& [key, run] : site.host.runs()) {
      text += " run " + brief(key) + " " + word(run.record.state) + (run.record.answered ? ", answered" : "") +
              (run.looked ? "" : ", not looked for") + (run.start_issued ? ", handed over" : "") +
              (run.record.stopping ? ", stopping" : "") + (run.claim == Host::Claim::none ? "" : ", claim asked") + ";";
    }
    for (const auto& [key, run] : site.machine.runs()) {
      constexpr std::array words = {"a wrapper", "claimed", "alive", "dying", "ended"};
      text += " machine: " + brief(key) + " " + words[static_cast<std::size_t>(run.stage)] + ";";
    }
    text += " " + std::to_string(site.host.bidder().live_count()) + " bids, " +
            std::to_string(site.disk.batches.size()) + " batches under way" + (site.ready ? "" : ", not ready") +
            (site.frozen ? ", frozen" : "") + "\n";
  }
  return text;
}

}  // namespace hansa::model
