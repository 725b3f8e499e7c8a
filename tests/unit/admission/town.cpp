#include "tests/unit/admission/town.hpp"

#include <algorithm>
#include <utility>

namespace hansa::test {
namespace {

TransportKey transport_of(const std::string& name) {
  TransportKey key;
  key.bytes = FakeSignatures::identity_of("transport of " + name).bytes;
  return key;
}

}  // namespace

TownSite::TownSite(const std::string& site_name, const std::string& region, const AdmissionOptions& given)
    : name{site_name}, notary(site_name), options(given) {
  own = {.site = name,
         .region = region,
         .transport = transport_of(site_name),
         .endpoints = {"tcp://" + site_name + ":7700"},
         .bulk_endpoints = {}};
  admissions = std::make_unique<Admissions>(own, options, notary, Rng{7});
}

void TownSite::restart(const Now& now) {
  admissions = std::make_unique<Admissions>(own, options, notary, Rng{8});
  admissions->restore(now, documents);
  linked.clear();
}

TownSite& Town::add(const std::string& name, const std::string& region) {
  auto& site = sites_[SiteName{name}];
  site = std::make_unique<TownSite>(name, region, AdmissionOptions{});
  return *site;
}

void Town::found(const std::string& name) {
  if (!sites_.contains(SiteName{name})) add(name);
  const auto made =
      act(name, [&](Admissions& a, Effects& out) { return a.create(now(), "east-china", StoreId{{1}}, out); });
  if (!made) throw std::runtime_error(made.error().text);
}

InvitationLine Town::invite(const std::string& sponsor, Invite call) {
  if (call.valid == Duration{0}) call.valid = day;
  call.endpoints = {"tcp://" + sponsor + ":7702"};
  InvitationId id{{++drawn_}};
  InvitationSecret secret;
  secret.bytes[0] = drawn_;
  secret.bytes[1] = 77;
  const auto line = act(sponsor, [&](Admissions& a, Effects& out) { return a.invite(now(), call, id, secret, out); });
  if (!line) throw std::runtime_error(line.error().text);
  return *line;
}

Enrolled Town::enrol(const std::string& newcomer, const InvitationLine& line, Duration clock_ahead) {
  if (!sites_.contains(SiteName{newcomer})) add(newcomer);
  auto& site = at(newcomer);
  const auto request = sign_enrolment(site.notary, {.federation = line.federation,
                                                    .invitation = line.invitation,
                                                    .secret = line.secret,
                                                    .site = site.name,
                                                    .identity = site.notary.identity(),
                                                    .transport = site.own.transport,
                                                    .region = site.own.region,
                                                    .clock = later(now().wall, clock_ahead)});
  return act(line.sponsor.value, [&](Admissions& a, Effects& out) { return a.enrol(now(), request, out); });
}

Status Town::join(const std::string& newcomer, const InvitationLine& line) {
  const auto answer = enrol(newcomer, line);
  return act(newcomer, [&](Admissions& a, Effects& out) { return a.take(now(), line, answer, out); });
}

void Town::join_as_sponsor(const std::string& newcomer, const std::string& by) {
  const auto joined = join(newcomer, invite(by, {.sponsor = {.granted = true, .within = {}}}));
  if (!joined) throw std::runtime_error(joined.error().text);
  settle();
}

void Town::join(const std::string& newcomer, const std::string& by) {
  const auto joined = join(newcomer, invite(by));
  if (!joined) throw std::runtime_error(joined.error().text);
  settle();
}

Status Town::evict(const std::string& voter, const std::string& subject, bool subtree) {
  return act(voter, [&](Admissions& a, Effects& out) {
    return a.evict(now(), {.site = SiteName{subject}, .subtree = subtree, .withdraw = false, .reason = "harm"}, out);
  });
}

Status Town::leave(const std::string& name) {
  return act(name, [&](Admissions& a, Effects& out) { return a.leave(now(), out); });
}

void Town::take_down(const std::string& name) {
  at(name).up = false;
}

void Town::cut(const std::string& a, const std::string& b, bool apart) {
  const std::pair pair{SiteName{std::min(a, b)}, SiteName{std::max(a, b)}};
  if (apart) apart_.insert(pair);
  if (!apart) apart_.erase(pair);
}

bool Town::lets_in(const TownSite& site, const TownSite& other) const {
  const auto admitted = site.admissions->admitted();
  return std::any_of(admitted.begin(), admitted.end(),
                     [&](const auto& one) { return one.site == other.name && one.transport == other.own.transport; });
}

void Town::refresh_links() {
  for (auto& [name, site] : sites_) {
    for (auto& [other_name, other] : sites_) {
      if (name == other_name) continue;
      const bool connected = site->up && other->up && !apart_.contains(std::minmax(name, other_name)) &&
                             lets_in(*site, *other) && lets_in(*other, *site);
      if (connected == site->linked.contains(other_name)) continue;
      if (connected) site->linked.insert(other_name);
      if (!connected) site->linked.erase(other_name);
      Effects out;
      site->admissions->link(now(), other_name, connected, out);
      perform(*site, std::move(out));
    }
  }
}

void Town::perform(TownSite& site, Effects out) {
  for (const auto& record : out.persist) {
    const auto& put = std::get<PutDocument>(record);
    site.documents.erase(put.name);
    if (!put.bytes.empty()) site.documents[put.name] = put.bytes;
  }
  for (auto& send : out.send) mail_.push_back({site.name, send.to, std::move(send.message)});
}

void Town::deliver() {
  while (!mail_.empty()) {
    auto mail = std::move(mail_.front());
    mail_.pop_front();
    auto& to = *sites_.at(mail.to);
    if (!to.linked.contains(mail.from) || rng_.below(100) < loss_) continue;
    Effects out;
    if (const auto* summary = std::get_if<TrustSummary>(&mail.message)) {
      to.admissions->step(now(), mail.from, *summary, out);
    }
    if (const auto* news = std::get_if<TrustNews>(&mail.message)) to.admissions->step(now(), mail.from, *news, out);
    if (const auto* ask = std::get_if<AskRenewal>(&mail.message)) to.admissions->step(now(), mail.from, *ask, out);
    perform(to, std::move(out));
  }
}

void Town::elapse(Duration by) {
  const auto until = now_ + by;
  // Over months nobody needs to compare every ten seconds.
  const auto every = std::max<Duration>(std::chrono::seconds(10), by / 20);
  for (auto& [name, site] : sites_) site->admissions->options().summary_every = every;
  for (;;) {
    refresh_links();
    deliver();
    auto next = until;
    for (const auto& [name, site] : sites_) {
      if (!site->up) continue;
      if (const auto due = site->admissions->deadline()) next = std::min(next, std::max(*due, now_));
    }
    now_ = std::max(next, now_ + std::chrono::milliseconds(1));
    for (auto& [name, site] : sites_) {
      if (!site->up) continue;
      Effects out;
      site->admissions->tick(now(), out);
      perform(*site, std::move(out));
    }
    if (now_ >= until) break;
  }
  refresh_links();
  deliver();
}

std::string Town::seen(const std::string& by, const std::string& site) {
  const auto* found = at(by).admissions->find(SiteName{site});
  return found ? std::string(to_word(found->second.kind)) : "";
}

bool Town::admits(const std::string& by, const std::string& site) {
  return lets_in(at(by), at(site));
}

}  // namespace hansa::test
