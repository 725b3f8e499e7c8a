// The files that go with a submission, and those that come back.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "hansa/types/bundle.hpp"
#include "hansa/types/result.hpp"
#include "src/client/daemon.hpp"
#include "src/client/submit_form.hpp"

namespace hansa::client {

struct Bundle {
  Manifest manifest;    // empty: no files travel
  std::string base;     // the folder that its paths are relative to
  std::string workdir;  // within it, where the job starts

  nlohmann::ordered_json json() const;
};

// --workdir DIR alone: all of DIR, in which the job starts. --input PATH…: these of the current folder (and of DIR, if
// given as well, in which the job then starts).
Result<Bundle> pack_bundle(const SubmitForm& form);

// Asks the daemon which chunks it lacks and sends those.
Status upload(Daemon& daemon, const Bundle& bundle);

// Brings the outputs of a job, given as the API shows it, into `folder`. Its streams are called there as the job's user
// wished (sbatch's --output and --error); a path that leads out of the folder gives its last part.
Result<Manifest> download(Daemon& daemon, const nlohmann::json& job, const std::string& folder);

}  // namespace hansa::client
