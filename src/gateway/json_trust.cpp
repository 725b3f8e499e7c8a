#include "src/gateway/json_trust.hpp"

#include <cmath>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>

#include "src/gateway/json_common.hpp"
#include "src/gateway/json_fields.hpp"

namespace hansa::gateway {
namespace {

using Json = nlohmann::ordered_json;
using Fields = std::map<std::string_view, std::function<Complaint(const json&)>>;

constexpr Duration valid_default = std::chrono::hours(24);
constexpr std::uint64_t valid_s_max = 366ull * 86'400;

template <class Key>
std::string hex(const Key& key) {
  return hansa::to_hex(key.bytes.data(), key.bytes.size());
}

Json right_json(const SponsorRight& right) {
  return right.granted ? Json(right.within) : Json();
}

// Counts fade with time: more digits say nothing.
double one_decimal(double value) {
  return std::round(value * 10) / 10;
}

Json site_json(const TrustedSite& site) {
  return {{"site", site.site.value},
          {"standing", site.standing},
          {"self", site.self},
          {"founder", site.founder},
          {"banned", site.banned},
          {"identity", hex(site.identity)},
          {"sponsor", site.sponsor.value},
          {"sponsors_within", right_json(site.right)},
          {"region", site.region},
          {"since", time_json(site.since)},
          {"expires", time_json(site.expires)},
          {"votes_against", site.votes_against},
          {"votes_needed", site.votes_needed},
          {"promises_kept", one_decimal(site.promises.kept)},
          {"promises_broken", one_decimal(site.promises.broken)},
          {"expected_delay_s", one_decimal(seconds(site.expected_delay))}};
}

Json open_invitation_json(const Invitation& invitation) {
  return {{"invitation", hansa::to_hex(invitation.id)},
          {"site", invitation.site.value},
          {"region", invitation.region},
          {"sponsors_within", right_json(invitation.sponsor)},
          {"expires", time_json(invitation.expires)}};
}

Status read_fields(std::string_view body, const Fields& fields) {
  if (body.empty()) return success();
  const auto value = json::parse(body, nullptr, false);
  if (!value.is_object()) return usage_error("the body must be a JSON object");
  for (const auto& [name, field] : value.items()) {
    const auto known = fields.find(name);
    if (known == fields.end()) return usage_error("the body has an unknown field '" + name.substr(0, 64) + "'");
    if (auto complaint = known->second(field); !complaint.empty()) return usage_error(name + " " + complaint);
  }
  return success();
}

Complaint read_site(const json& value, SiteName& into) {
  std::string text;
  if (auto complaint = read_word(value, text); !complaint.empty()) return complaint;
  if (text.empty()) return {};
  auto name = parse_site_name(text);
  if (!name) return name.error().text;
  into = std::move(*name);
  return {};
}

}  // namespace

Json trust_json(const TrustView& view) {
  Json sites = Json::array();
  for (const auto& site : view.sites) sites.push_back(site_json(site));
  Json invitations = Json::array();
  for (const auto& invitation : view.invitations) invitations.push_back(open_invitation_json(invitation));
  return {{"federation", view.federation.is_zero() ? Json() : Json(hex(view.federation))},
          {"name", view.federation_name},
          {"standing", view.standing},
          {"sites", std::move(sites)},
          {"invitations", std::move(invitations)}};
}

Json invitation_json(const InvitationMade& made) {
  return {{"line", made.text},
          {"invitation", hansa::to_hex(made.line.invitation)},
          {"federation", hex(made.line.federation)},
          {"endpoints", made.line.endpoints},
          {"expires", time_json(made.line.expires)}};
}

Json check_json(const SiteCheck& check) {
  return {{"site", check.site.value},
          {"failed", check.failed.empty() ? Json() : Json(check.failed)},
          {"text", check.text},
          {"rtt_s", seconds(check.rtt)},
          {"clock_ahead_s", seconds(check.clock_ahead)}};
}

Result<CreateFederation> read_creation(std::string_view body) {
  CreateFederation call;
  const auto read = read_fields(body, {{"name", [&](const json& value) { return read_word(value, call.name, 64); }}});
  if (!read) return read.error();
  return call;
}

Result<Invite> read_invite(std::string_view body) {
  Invite call;
  call.valid = valid_default;
  std::uint64_t valid_s = static_cast<std::uint64_t>(seconds(valid_default));
  const auto read =
      read_fields(body, {{"site", [&](const json& value) { return read_site(value, call.site); }},
                         {"region", [&](const json& value) { return read_word(value, call.region); }},
                         {"valid_s", [&](const json& value) { return read_count(value, valid_s, valid_s_max); }},
                         {"sponsor", [&](const json& value) { return read_flag(value, call.sponsor.granted); }}});
  if (!read) return read.error();
  if (valid_s == 0) return usage_error("valid_s must be at least 1");
  call.valid = std::chrono::seconds(valid_s);
  if (call.sponsor.granted) call.sponsor.within = call.region;
  return call;
}

Result<JoinFederation> read_join(std::string_view body) {
  JoinFederation call;
  const auto read =
      read_fields(body, {{"line", [&](const json& value) { return read_text(value, call.line, 16'384); }}});
  if (!read) return read.error();
  if (call.line.empty()) return usage_error("line is missing: paste what 'hansa invite' printed");
  return call;
}

Result<LeaveFederation> read_leave(std::string_view body) {
  LeaveFederation call;
  const auto read = read_fields(body, {{"at_once", [&](const json& value) { return read_flag(value, call.at_once); }}});
  if (!read) return read.error();
  return call;
}

Result<BanSite> read_ban(std::string_view body, const SiteName& site) {
  BanSite call{.site = site};
  const auto read = read_fields(body, {{"lift", [&](const json& value) { return read_flag(value, call.lift); }}});
  if (!read) return read.error();
  return call;
}

Result<EvictSite> read_eviction(std::string_view body, const SiteName& site) {
  EvictSite call{.site = site};
  const auto read =
      read_fields(body, {{"subtree", [&](const json& value) { return read_flag(value, call.subtree); }},
                         {"withdraw", [&](const json& value) { return read_flag(value, call.withdraw); }},
                         {"reason", [&](const json& value) { return read_word(value, call.reason, 200); }}});
  if (!read) return read.error();
  return call;
}

}  // namespace hansa::gateway
