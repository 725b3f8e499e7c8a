// Controller: `hansa site check`, as far as the brain sees: name, connection, certificate, protocol version, clock.
//
// What is asked of the other site is one question with a short time to answer; the client goes on from there with a
// bid and a canary job.
#include <cmath>
#include <cstdio>

#include "protocol/controller/controller.hpp"
#include "protocol/wire/codec.hpp"

namespace hansa {
namespace {

constexpr Duration answer_within = std::chrono::seconds(3);

SiteCheck broken(const SiteName& site, const char* link, std::string text) {
  SiteCheck check{.site = site, .failed = link, .text = std::string(link) + ": " + std::move(text)};
  return check;
}

std::string in_seconds(Duration duration) {
  char text[32];
  std::snprintf(text, sizeof text, "%+.1f s", seconds(duration));
  return text;
}

}  // namespace

// Nothing when the site may be asked itself.
std::optional<SiteCheck> Controller::check_here(const SiteName& site) const {
  const auto& name = site.value;
  if (site == options_.site) return broken(site, "name", name + " is this site itself");
  const auto known = std::find_if(known_.begin(), known_.end(), [&](const auto& one) { return one.site == site; });
  const auto* member = admissions_->find(site);
  if (admissions_->bans().contains(site))
    return broken(site, "name", name + " is banned here; hansa ban --lift " + name);
  if (known == known_.end()) {
    if (!member)
      return broken(site, "name", "no site called " + name + " is known here; hansa sites --trust lists all");
    return broken(site, "certificate",
                  "the one of " + name + " is not in force: " + std::string(to_word(member->second.kind)));
  }
  if (links_.contains(site)) return std::nullopt;
  auto check = broken(site, "route", "there is no connection with " + name);
  check.endpoints = known->address.endpoints;
  return check;
}

void Controller::begin_check(Now now, Ticket ticket, const CheckSite& call, Effects& out) {
  if (auto failed = check_here(call.site)) {
    out.replies.push_back({ticket, ApiAnswer{std::move(*failed)}});
    return;
  }
  const auto number = ++checks_made_;
  checks_[number] = {.ticket = ticket, .site = call.site, .sent_at = now.instant};
  out.send.push_back({call.site, Inquiry{.number = number}});
}

void Controller::answer_check(Now now, const PendingCheck& check, const InquiryAnswer* answer, Effects& out) {
  auto result = answer ? judge_answer(now, check, *answer)
                       : broken(check.site, "protocol",
                                check.site.value +
                                    " is connected and does not answer: it is busy, not ready, or of an "
                                    "older release");
  out.replies.push_back({check.ticket, ApiAnswer{std::move(result)}});
}

SiteCheck Controller::judge_answer(Now now, const PendingCheck& check, const InquiryAnswer& answer) const {
  const auto& name = check.site.value;
  const auto& theirs = answer.protocol;
  if (theirs.newest < spoken_versions.oldest || theirs.oldest > spoken_versions.newest) {
    return broken(check.site, "protocol",
                  name + " speaks versions " + std::to_string(theirs.oldest) + " to " + std::to_string(theirs.newest) +
                      " and this site " + std::to_string(spoken_versions.oldest) + " to " +
                      std::to_string(spoken_versions.newest));
  }
  const bool by_certificate = admissions_->in_federation() && admissions_->find(check.site) != nullptr;
  if (by_certificate && answer.federation != admissions_->book().federation()) {
    return broken(check.site, "certificate", name + " is not in the federation of this site any more");
  }
  if (by_certificate && !answer.admitted) {
    return broken(check.site, "certificate", "the one of this site is not in force at " + name);
  }
  SiteCheck well{.site = check.site, .failed = {}, .text = {}};
  well.rtt = now.instant - check.sent_at;
  well.clock_ahead = std::chrono::milliseconds(answer.clock.unix_ms - now.wall.unix_ms) + well.rtt / 2;
  if (std::abs(seconds(well.clock_ahead)) > seconds(admissions_->options().skew)) {
    auto late = broken(check.site, "clock",
                       "the one of " + name + " is " + in_seconds(well.clock_ahead) + " from the one here: set it");
    late.clock_ahead = well.clock_ahead;
    return late;
  }
  char text[96];
  std::snprintf(text, sizeof text, "well: name, route, key, protocol, certificate, clock (rtt %.1f ms, clock %s)",
                seconds(well.rtt) * 1000, in_seconds(well.clock_ahead).c_str());
  well.text = text;
  return well;
}

void Controller::end_checks(Now now, Effects& out) {
  while (!checks_.empty() && checks_.begin()->second.sent_at + answer_within <= now.instant) {
    const auto check = checks_.begin()->second;
    checks_.erase(checks_.begin());
    answer_check(now, check, nullptr, out);
  }
}

std::optional<Instant> Controller::next_check() const {
  if (checks_.empty()) return std::nullopt;
  return checks_.begin()->second.sent_at + answer_within;
}

}  // namespace hansa
