// What users see of the future of a job: since when it has been as it is, and what will happen next without them.
//
// A state and a reason say what is; whoever waits for a host that is silent wants to know what becomes of the job, and
// what a human could do about it. One sentence, for people; nothing decides by it.
#include <algorithm>

#include "protocol/controller/controller.hpp"

namespace hansa {
namespace {

std::string span_words(Duration span) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(span).count();
  if (seconds < 120) return std::to_string(std::max<std::int64_t>(seconds, 1)) + " s";
  if (seconds < 7200) return std::to_string(seconds / 60) + " min";
  return std::to_string(seconds / 3600) + " h " + std::to_string(seconds % 3600 / 60) + " min";
}

WallTime wall_of(Now now, Instant at) {
  return {now.wall.unix_ms - std::chrono::duration_cast<std::chrono::milliseconds>(now.instant - at).count()};
}

// Earlier runs that were given up though they may be alive.
std::string given_up_words(const JobRecord& record) {
  std::string words;
  for (const auto& duty : record.duties) {
    if (!duty.by_word) continue;
    words += (words.empty() ? "" : "; ") + std::string("run ") + std::to_string(duty.epoch.value) + " at " +
             duty.host.value + ", given up, may be alive and is stopped when " + duty.host.value + " answers";
  }
  return words;
}

}  // namespace

void Controller::fill_outlook(Now now, const Origin::Job& job, JobView& view) const {
  const auto* delegated = std::get_if<Delegated>(&job.record.state);
  const bool ended = std::holds_alternative<Ended>(job.record.state);
  const bool silent = delegated && delegated->host != options_.site && !hears_of(delegated->host);
  if (!ended) view.since = wall_of(now, silent ? silent_since(job, delegated->host) : job.since);
  if (const auto* awarding = std::get_if<Awarding>(&job.record.state)) {
    view.next = "queued at " + awarding->host.value + " once that has accepted it; placed again if it does not";
  } else if (delegated) {
    view.next = outlook_of(now, job, *delegated);
  } else if (!ended) {
    view.next = outlook_of_pending(job);
  }
  const auto given_up = given_up_words(job.record);
  if (!given_up.empty()) view.next += (view.next.empty() ? "" : "; ") + given_up;
}

std::string Controller::outlook_of_pending(const Origin::Job& job) const {
  const auto name = format_job(options_.site, job.record.id);
  const auto reason = origin_.waiting_reason(job.record.id);
  if (reason == "Held") return "placed after hansa release " + name;
  if (reason == "Dependency") return "placed when the jobs that it waits for have ended as asked";
  if (reason == "DependencyNeverSatisfied") return "never placed: a job that it waits for ended otherwise than asked";
  return job.record.array->empty() ? "placed where it can start soonest" : "its tasks are placed one after another";
}

std::string Controller::outlook_of(Now now, const Origin::Job& job, const Delegated& delegated) const {
  const auto& host = delegated.host.value;
  const bool silent = delegated.host != options_.site && !hears_of(delegated.host);
  if (silent) return outlook_of_silence(now, job, delegated.host);
  if (job.record.cancel_wished) return "CANCELLED when " + host + " has stopped it";
  if (delegated.wish == Wish::move) return "taken back from " + host + " to start sooner, unless it starts there first";
  if (promises_.overdue(now.instant, job.record.id)) {
    return "started later at " + host +
           " than that had promised, or sooner elsewhere: it moves when another site has room";
  }
  if (delegated.wish == Wish::revoke) return "placed again when " + host + " has said that it does not run there";
  return "";
}

std::string Controller::outlook_of_silence(Now now, const Origin::Job& job, const SiteName& host) const {
  const auto by_hand = "hansa rerun " + format_job(options_.site, job.record.id) +
                       ", or an operator's hansa site forget " + host.value +
                       ", gives that run up, though it may be alive";
  if (job.record.cancel_wished) return "CANCELLED when " + host.value + " answers; " + by_hand;
  const auto over_at = origin_.lease_over_at(job.record.id);
  if (!over_at) return "goes on when " + host.value + " answers, however long that takes; " + by_hand;
  const auto left = *over_at - now.instant;
  return "placed again in " + span_words(left) + ", when its lease at " + host.value +
         " is surely over, unless that site answers first";
}

// The last word of that site itself, or the start of this daemon, which heard none.
Instant Controller::silent_since(const Origin::Job& job, const SiteName& host) const {
  const auto* member = membership_.find(host);
  const auto heard = member ? std::max(member->heard_at, job.dealings->heard) : job.dealings->heard;
  return std::max(heard, started_at_);
}

}  // namespace hansa
