// What staging asks of the daemon around it. All are called from staging's own threads, and several at once.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "hansa/ports/backend.hpp"
#include "hansa/types/ids.hpp"
#include "hansa/types/job.hpp"
#include "hansa/types/result.hpp"
#include "protocol/wire/bulk_messages.hpp"

namespace hansa::staging {

// Sends on the bulk lane. False when it was dropped at once (no connection, queue full); what is lost later is noticed.
class BulkSender {
 public:
  virtual ~BulkSender() = default;
  virtual bool send(const SiteName& to, const BulkMessage& message) = 0;
};

enum class RunLife : std::uint8_t { unknown, alive, ended };  // alive: accepted, queued or running

// Who may read what, from the records of the handoff.
class StagingDirectory {
 public:
  virtual ~StagingDirectory() = default;

  // What was submitted with a job of this origin; its manifest names the inputs. Nothing: no such job here.
  virtual std::optional<EncodedPayload> payload_of(const JobId& job) = 0;
  // Whether this origin has awarded the run to `site` and has not given that epoch up.
  virtual bool is_host(const SiteName& site, const RunKey& run) = 0;
  // Whether this host took the run from `site`.
  virtual bool is_origin(const SiteName& site, const RunKey& run) = 0;
  // What this host knows of a run. Ended: nothing of it is alive, its streams won't grow.
  virtual RunLife life_of(const RunKey& run) = 0;
};

// Where runs have their files; a Backend has exactly this.
class RunFolders {
 public:
  virtual ~RunFolders() = default;
  virtual Result<std::string> folder_of(const RunKey& run) = 0;
  virtual std::string stdout_file(const RunKey& run) const = 0;
  virtual std::string stderr_file(const RunKey& run) const = 0;
};

class BackendFolders final : public RunFolders {
 public:
  explicit BackendFolders(Backend& backend) : backend_(backend) {}
  Result<std::string> folder_of(const RunKey& run) override { return backend_.folder_of(run); }
  std::string stdout_file(const RunKey& run) const override { return backend_.stdout_file(run); }
  std::string stderr_file(const RunKey& run) const override { return backend_.stderr_file(run); }

 private:
  Backend& backend_;
};

}  // namespace hansa::staging
