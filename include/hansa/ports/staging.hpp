// Port: files that travel. Inputs from the origin to the host's run folder, outputs and logs back.
//
// Threading: commands come from one thread and return at once; work goes on in the adapter's own threads; events go to
// the handler from any thread. Idempotence: a command that comes again resumes by what is missing and answers again.
// Failure: every command but the two drops ends in an event; a transfer whose peer is away is retried without end, and
// its event comes when it is done.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "hansa/types/bundle.hpp"
#include "hansa/types/ids.hpp"
#include "hansa/types/job.hpp"

namespace hansa {

// Host: bring the run's inputs from its origin into its folder. Answered by InputsReady or InputsFailed.
struct FetchInputs {
  RunKey run;
  SiteName origin;
  EncodedPayload payload;  // attached by the shell: its manifest says what to fetch

  bool operator==(const FetchInputs&) const = default;
};
// Host: the run is over; find its outputs, name them in a manifest, keep them. Answered by OutputsCollected.
struct CollectOutputs {
  RunKey run;
  EncodedPayload payload;  // attached by the shell: its globs say what counts
  std::string checkpoint;  // a folder that counts as well; empty: none

  bool operator==(const CollectOutputs&) const = default;
};
// Origin: bring a finished run's outputs home. Answered by OutputsHome.
struct PullOutputs {
  RunKey run;
  SiteName host;
  ContentHash outputs;

  bool operator==(const PullOutputs&) const = default;
};
// Origin: bring home what a run that died left in its checkpoint folder, and put it among the inputs of the job's next
// run. Answered by CheckpointHome.
struct BringCheckpoint {
  RunKey run;
  SiteName host;
  ContentHash outputs;
  std::string folder;
  EncodedPayload payload;  // attached by the shell: what the job has for inputs so far

  bool operator==(const BringCheckpoint&) const = default;
};
// Host: the outputs are home, or nobody wants the run's files any more; stop what goes on for it.
struct DropRunFiles {
  RunKey run;

  bool operator==(const DropRunFiles&) const = default;
};
// Origin: the job's history is over; its bundle and outputs may go.
struct DropJobFiles {
  JobId job;

  bool operator==(const DropJobFiles&) const = default;
};

using StagingCommand =
    std::variant<FetchInputs, CollectOutputs, PullOutputs, BringCheckpoint, DropRunFiles, DropJobFiles>;

struct InputsReady {
  RunKey run;
  bool operator==(const InputsReady&) const = default;
};
// Will never succeed: the origin has the chunk no more, a path would leave the folder, a limit is crossed.
struct InputsFailed {
  RunKey run;
  std::string text;
  bool operator==(const InputsFailed&) const = default;
};
struct InputsProgress {
  RunKey run;
  std::uint64_t bytes = 0;
  bool operator==(const InputsProgress&) const = default;
};
struct OutputsCollected {
  RunKey run;
  ContentHash outputs;  // of the encoded manifest; zero when there is nothing to fetch
  std::uint64_t bytes = 0;
  std::string problem;  // what was left out and why; empty when all is well
  bool operator==(const OutputsCollected&) const = default;
};
struct OutputsHome {
  RunKey run;
  std::string problem;  // the host has them no more; empty when all is well
  bool operator==(const OutputsHome&) const = default;
};

// The files are here, and held by the payload's inputs once that is on record.
struct CheckpointHome {
  RunKey run;
  SiteName host;
  std::optional<EncodedPayload> payload;  // with the checkpoint among its inputs; nothing: there was none to bring
  std::uint64_t bundle_bytes = 0;         // of those inputs
  bool operator==(const CheckpointHome&) const = default;
};

using StagingEvent =
    std::variant<InputsReady, InputsFailed, InputsProgress, OutputsCollected, OutputsHome, CheckpointHome>;

class StagingHandler {
 public:
  virtual ~StagingHandler() = default;
  virtual void on_event(StagingEvent event) = 0;
};

}  // namespace hansa
