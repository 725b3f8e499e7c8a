// Trust as the API shows and takes it.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string_view>

#include "hansa/api.hpp"
#include "hansa/types/result.hpp"

namespace hansa::gateway {

nlohmann::ordered_json trust_json(const TrustView& view);
nlohmann::ordered_json invitation_json(const InvitationMade& made);
nlohmann::ordered_json check_json(const SiteCheck& check);

// The bodies of POST requests. Empty ones ask for nothing in particular.
Result<CreateFederation> read_creation(std::string_view body);
Result<Invite> read_invite(std::string_view body);
Result<JoinFederation> read_join(std::string_view body);
Result<LeaveFederation> read_leave(std::string_view body);
Result<BanSite> read_ban(std::string_view body, const SiteName& site);
Result<EvictSite> read_eviction(std::string_view body, const SiteName& site);

}  // namespace hansa::gateway
