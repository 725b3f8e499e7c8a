// What of trust needs the outside: the enrolment desk, the way to a sponsor's, key files, and looking whether a route
// is there. Everything else goes to the brain as it is.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "actors/site.hpp"
#include "hansa/api.hpp"
#include "hansa/ports/notary.hpp"
#include "src/enrolment/desk.hpp"
#include "src/identity/site_keys.hpp"

namespace hansa {

class TrustDesk {
 public:
  struct Parts {
    std::shared_ptr<Addresses> addresses;
    const Clock* clock = nullptr;
    const Notary* notary = nullptr;
    SiteName site;
    std::string region;
    SiteKeys keys;
    KeyFiles key_files;
    std::string listen;                  // of the enrolment desk; empty: this site can't be enrolled at
    std::vector<std::string> advertise;  // as invitations name it
    std::function<void()> restart;       // the daemon begins anew, with the keys that are on disk then
  };
  explicit TrustDesk(Parts parts);
  ~TrustDesk();

  // Invitations that are still out are honoured after a restart.
  void open_for(const std::map<std::string, std::string>& documents);
  void call(const Caller& caller, TrustCall call, std::function<void(ApiReply)> answer);

 private:
  void to_brain(const Caller& caller, TrustCall call, std::function<void(ApiReply)> answer) const;
  void invite(const Caller& caller, Invite call, std::function<void(ApiReply)> answer);
  void join(const Caller& caller, const JoinFederation& call, std::function<void(ApiReply)> answer);
  void rotate(const Caller& caller, std::function<void(ApiReply)> answer);
  void check(const Caller& caller, const CheckSite& call, std::function<void(ApiReply)> answer);
  void finish_rotation(const std::string& fresh, std::function<void(ApiReply)> answer) const;
  // One errand at a time runs beside everything else; false when one is under way.
  bool run_errand(std::function<void()> errand);

  Parts parts_;
  enrolment::Desk desk_;
  std::mutex mutex_;
  bool errand_runs_ = false;
  std::thread errand_;
};

}  // namespace hansa
