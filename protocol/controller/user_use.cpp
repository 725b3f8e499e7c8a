#include "protocol/controller/user_use.hpp"

#include <algorithm>

namespace hansa {
namespace {

std::optional<Error> above(const std::string& user, const char* what, std::uint64_t has, std::uint64_t more,
                           const std::optional<std::uint64_t>& limit) {
  if (!limit || has + more <= *limit) return std::nullopt;
  return overloaded("user " + user + " has " + std::to_string(has) + " " + what + " under way and asks for " +
                    std::to_string(more) + " more, but " + std::to_string(*limit) +
                    " is the limit here; wait until some jobs have ended");
}

}  // namespace

void UserUse::put(const JobId& job, Amount amount) {
  erase(job);
  auto& sum = sums_[amount.user];
  sum.jobs += amount.jobs;
  sum.accelerators += amount.accelerators;
  jobs_.emplace(job, std::move(amount));
}

void UserUse::erase(const JobId& job) {
  const auto gone = jobs_.extract(job);
  if (!gone) return;
  const auto sum = sums_.find(gone.mapped().user);
  sum->second.jobs -= gone.mapped().jobs;
  sum->second.accelerators -= gone.mapped().accelerators;
  if (sum->second.jobs == 0) sums_.erase(sum);
}

void UserUse::clear() {
  jobs_.clear();
  sums_.clear();
}

std::optional<Error> UserUse::refuse(Instant now, const std::string& user, const Amount& more,
                                     const UserLimits& limits) {
  const auto known = sums_.find(user);
  const Amount has = known == sums_.end() ? Amount{} : known->second;
  if (auto error = above(user, "jobs", has.jobs, more.jobs, limits.jobs)) return error;
  if (more.accelerators > 0) {
    if (auto error = above(user, "accelerators", has.accelerators, more.accelerators, limits.accelerators))
      return error;
  }
  if (!limits.submissions_per_minute) return std::nullopt;
  const auto per_minute = static_cast<double>(*limits.submissions_per_minute);
  if (!is_too_fast(now, user, static_cast<double>(more.jobs), per_minute)) return std::nullopt;
  return overloaded("user " + user + " may submit " + std::to_string(*limits.submissions_per_minute) +
                    " jobs a minute here, and these are more; try again in a moment");
}

bool UserUse::is_too_fast(Instant now, const std::string& user, double jobs, double per_minute) {
  constexpr std::size_t remembered_max = 65'536;
  if (rates_.size() >= remembered_max && !rates_.contains(user)) rates_.clear();
  const auto [found, fresh] = rates_.try_emplace(user, Bucket{per_minute, now});
  auto& bucket = found->second;
  bucket.room = std::min(per_minute, bucket.room + seconds(now - bucket.at) * per_minute / 60);
  bucket.at = now;
  if (jobs > bucket.room) return true;
  bucket.room -= jobs;
  return false;
}

}  // namespace hansa
