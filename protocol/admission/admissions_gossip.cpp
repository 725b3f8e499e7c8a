// How statements spread: news at once to a few, summaries now and then to one, and renewal before it is too late.
#include <algorithm>
#include <cmath>

#include "protocol/admission/admissions.hpp"

namespace hansa {
namespace {

// Everybody while they are few; then as many as reach nearly all, as with any rumour.
std::size_t listeners(std::size_t links) {
  constexpr std::size_t few = 8;
  if (links <= few) return links;
  return few + static_cast<std::size_t>(2 * std::log2(static_cast<double>(links)));
}

// Where a statement that others rest on must stand before them.
int rank_of(const SignedStatement& statement) {
  return static_cast<int>(statement.value.what.index());
}

}  // namespace

void Admissions::link(const Now& now, const SiteName& peer, bool up, Effects& out) {
  static_cast<void>(now);
  if (!up) {
    links_.erase(peer);
    bad_statements_.erase(peer);
    return;
  }
  links_.insert(peer);
  if (book_.is_open()) out.send.push_back({peer, summary(false)});
}

TrustSummary Admissions::summary(bool listed) const {
  TrustSummary made{.federation = book_.federation(), .all = book_.summary(), .listed = listed, .statements = {}};
  if (listed) {
    for (const auto& [id, statement] : book_.statements()) made.statements.push_back(id);
  }
  return made;
}

// What only the other has is wanted, what only this site has is sent. Who asked by a hash alone is answered by a list.
void Admissions::step(const Now& now, const SiteName& from, const TrustSummary& theirs, Effects& out) {
  static_cast<void>(now);
  if (!book_.is_open() || theirs.federation != book_.federation() || theirs.all == book_.summary()) return;
  if (!theirs.listed) {
    out.send.push_back({from, summary(true)});
    return;
  }
  const std::set<StatementId> listed(theirs.statements.begin(), theirs.statements.end());
  std::vector<SignedStatement> lacking;
  for (const auto& [id, statement] : book_.statements()) {
    if (!listed.contains(id)) lacking.push_back(statement);
  }
  std::vector<StatementId> wanted;
  for (const auto& id : listed) {
    if (!book_.find(id)) wanted.push_back(id);
  }
  answer_with(from, std::move(lacking), std::move(wanted), out);
}

void Admissions::answer_with(const SiteName& to, std::vector<SignedStatement> statements,
                             std::vector<StatementId> wanted, Effects& out) const {
  std::stable_sort(statements.begin(), statements.end(), [](const auto& a, const auto& b) {
    return std::pair(rank_of(a), a.value.at) < std::pair(rank_of(b), b.value.at);
  });
  const auto chunk = options_.statements_per_message;
  for (std::size_t at = 0; at < statements.size() || !wanted.empty(); at += chunk) {
    TrustNews news{.statements = {}, .wanted = std::exchange(wanted, {})};
    for (std::size_t i = at; i < std::min(statements.size(), at + chunk); ++i) {
      news.statements.push_back(std::move(statements[i]));
    }
    out.send.push_back({to, std::move(news)});
  }
}

void Admissions::step(const Now& now, const SiteName& from, const TrustNews& news, Effects& out) {
  if (!book_.is_open()) return;
  std::vector<SignedStatement> learned;
  auto waiting = news.statements;
  for (std::size_t before = waiting.size() + 1; waiting.size() < before;) {
    before = waiting.size();
    std::vector<SignedStatement> early;
    for (auto& statement : waiting) {
      std::optional<StatementId> gone;
      const auto taken = book_.take(now.wall, statement, &gone);
      // What was signed under another certificate than the one known here may still prove right.
      if (taken == Taken::early || taken == Taken::unfit) early.push_back(std::move(statement));
      if (taken == Taken::forged && ++bad_statements_[from] >= options_.bad_statements_max) {
        bad_statements_.erase(from);
        misbehaved_.push_back(from);
        early.clear();  // it isn't read any further
        break;
      }
      if (taken != Taken::news) continue;
      keep(book_.id_of(statement), statement, gone, out);
      learned.push_back(std::move(statement));
    }
    waiting = std::move(early);
  }
  if (!learned.empty()) {
    reckon_anew(now, out);
    spread(learned, from, out);
  }
  if (news.wanted.empty()) return;
  std::vector<SignedStatement> asked;
  for (const auto& id : news.wanted) {
    if (const auto* held = book_.find(id)) asked.push_back(*held);
  }
  answer_with(from, std::move(asked), {}, out);
}

void Admissions::spread(const std::vector<SignedStatement>& statements, const SiteName& except, Effects& out) {
  std::vector<SiteName> to;
  for (const auto& peer : links_) {
    if (peer != except) to.push_back(peer);
  }
  const auto count = listeners(to.size());
  for (std::size_t i = 0; i < count; ++i) {
    std::swap(to[i], to[i + rng_.below(to.size() - i)]);
    answer_with(to[i], statements, {}, out);
  }
}

// --- Renewal ---------------------------------------------------------------------------------------------------------

// Any member may prolong what another has: else a federation would die with those who may admit.
void Admissions::step(const Now& now, const SiteName& from, const AskRenewal& ask, Effects& out) {
  const auto* subject = find(from);
  if (!is_member() || !subject || subject->second.kind != StandingKind::member) return;
  const auto& [key, standing] = *subject;
  if (standing.admission != ask.admission || is_banned(from, key)) return;
  // No more often than half a lifetime, whatever is asked for.
  if (standing.expires > later(now.wall, options_.lifetime / 2)) return;
  learn_own(now, statement(now, Renewal{.admission = ask.admission, .expires = later(now.wall, options_.lifetime)}),
            out);
}

void Admissions::renew_if_due(const Now& now, Effects& out) {
  const auto* standing = own();
  if (!standing || (standing->kind != StandingKind::member && standing->kind != StandingKind::expired)) return;
  const auto begun = book_.renewed_at(standing->admission);
  const auto life = static_cast<double>(standing->expires.unix_ms - begun.unix_ms);
  const auto due = begun.unix_ms + static_cast<std::int64_t>(life * options_.renew_after);
  if (now.wall.unix_ms < due || now.instant - renewal_asked_at_ < options_.renew_retry) return;
  renewal_asked_at_ = now.instant;
  if (book_.is_founder(notary_.identity())) {
    learn_own(now,
              statement(now, Renewal{.admission = standing->admission, .expires = later(now.wall, options_.lifetime)}),
              out);
    return;
  }
  if (links_.empty()) return;
  const auto peer = std::next(links_.begin(), static_cast<std::ptrdiff_t>(rng_.below(links_.size())));
  out.send.push_back({*peer, AskRenewal{.admission = standing->admission}});
}

// --- Time ------------------------------------------------------------------------------------------------------------

void Admissions::tick(const Now& now, Effects& out) {
  if (!farewell_.empty() && now.instant >= farewell_until_) {
    farewell_.clear();
    changed_ = true;
  }
  const auto parted = std::erase_if(parting_, [&](const auto& entry) { return now.instant >= entry.second; });
  changed_ = changed_ || parted > 0;
  if (!book_.is_open()) return;
  if (due_ && now.instant >= *due_) {
    reckon_anew(now, out);
    renew_if_due(now, out);
    schedule(now);
  }
  if (now.instant >= next_summary_at_) {
    next_summary_at_ = now.instant + options_.summary_every;
    if (links_.empty()) return;
    const auto peer = std::next(links_.begin(), static_cast<std::ptrdiff_t>(rng_.below(links_.size())));
    out.send.push_back({*peer, summary(false)});
  }
}

// When the next certificate runs out, or the own one wants renewing; looked at anew within the hour whatever happens,
// because the clock on the wall may be set.
void Admissions::schedule(const Now& now) {
  auto wait = Duration(std::chrono::hours(1));
  const auto consider = [&](std::int64_t at_ms) {
    const Duration until = std::chrono::milliseconds(at_ms - now.wall.unix_ms + 1);
    if (until > Duration{0}) wait = std::min(wait, until);
  };
  for (const auto& [key, standing] : standings_) {
    if (standing.kind == StandingKind::member) consider(later(standing.expires, options_.skew).unix_ms);
  }
  if (const auto* standing = own()) {
    const auto begun = book_.renewed_at(standing->admission);
    const auto life = static_cast<double>(standing->expires.unix_ms - begun.unix_ms);
    const auto due = begun.unix_ms + static_cast<std::int64_t>(life * options_.renew_after);
    if (now.wall.unix_ms >= due) wait = std::min(wait, options_.renew_retry);
    consider(due);
  }
  due_ = now.instant + wait;
}

std::optional<Instant> Admissions::deadline() const {
  std::optional<Instant> first;
  const auto sooner = [&](Instant at) {
    if (!first || at < *first) first = at;
  };
  if (!farewell_.empty()) sooner(farewell_until_);
  for (const auto& [key, until] : parting_) sooner(until);
  if (!book_.is_open()) return first;
  if (due_) sooner(*due_);
  if (!links_.empty()) sooner(next_summary_at_);
  return first;
}

}  // namespace hansa
