// A run's standard output and error, while they are files at the host.
//
// The job may own the folder they lie in and plant links there, and this process may read more than the job: a stream
// that lies in the run's folder is opened beneath it, any other without following its last part.
#pragma once

#include "protocol/wire/bulk_messages.hpp"
#include "src/staging/fd.hpp"
#include "src/staging/seams.hpp"

namespace hansa::staging {

// `not_found` when there is no such regular file; stderr that is joined with stdout is not found either.
Result<Fd> open_stream(RunFolders& folders, const RunKey& run, LogStream stream);

}  // namespace hansa::staging
