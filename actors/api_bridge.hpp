// What the gateway may ask of a site, taken to whoever answers it: jobs and sites to the brain, files and logs to
// staging.
#pragma once

#include <memory>

#include "actors/run_directory.hpp"
#include "actors/site.hpp"
#include "actors/trust_desk.hpp"
#include "actors/user_gate.hpp"
#include "hansa/api.hpp"
#include "src/staging/service.hpp"

namespace hansa {

class ApiBridge final : public ApiHandler {
 public:
  struct Parts {
    std::shared_ptr<Addresses> addresses;
    RunDirectory* directory = nullptr;
    staging::StagingService* staging = nullptr;
    TrustDesk* trust = nullptr;
    std::function<std::string()> metrics;
    SiteName site;
    std::function<void(AuditNote)> audit = [](AuditNote) {};
  };
  explicit ApiBridge(Parts parts) : parts_(std::move(parts)) {}

  void call(const Caller& caller, ApiCall call, std::function<void(ApiReply)> answer) override;
  void read_log(const Caller& caller, const JobName& job, bool stderr_stream, std::uint64_t offset, Duration wait,
                std::function<void(Result<LogPiece>)> answer) override;
  void output_manifest(const Caller& caller, const JobName& job,
                       std::function<void(Result<JobOutputs>)> answer) override;
  void missing_chunks(const Caller& caller, std::vector<ContentHash> hashes,
                      std::function<void(Result<std::vector<ContentHash>>)> answer) override;
  void put_chunk(const Caller& caller, const ContentHash& hash, std::string zstd,
                 std::function<void(Status)> answer) override;
  void get_output_chunk(const Caller& caller, const JobName& job, const ContentHash& hash,
                        std::function<void(Result<std::string>)> answer) override;
  std::string metrics() override { return parts_.metrics(); }

 private:
  Parts parts_;
  UserGate gate_;

  struct Found {
    JobId id;
    RunDirectory::Placed placed;
  };
  Result<Found> find(const Caller& caller, const JobName& name) const;
  Status check_inputs(const SubmitJobs& call) const;
  void attach_payload(ActOnJob& call) const;
  static std::function<void(ApiReply)> audited(const Caller& caller, const ActOnSite& call,
                                               std::function<void(ApiReply)> answer);
};

}  // namespace hansa
