// What an operator may set about staging, and what staging is given to work with.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "hansa/ports/staging.hpp"
#include "hansa/types/ids.hpp"
#include "src/staging/chunk_store.hpp"
#include "src/staging/downloads.hpp"
#include "src/staging/log_desk.hpp"
#include "src/staging/manifest_check.hpp"
#include "src/staging/seams.hpp"
#include "src/staging/unpack.hpp"

namespace hansa::staging {

struct StagingOptions {
  SiteName self;
  std::string state_folder;  // holds chunks/, bundles/ and outputs/; on a disk that keeps what is synced
  BundleLimits input_limits;
  BundleLimits output_limits;
  std::optional<Owner> owner;  // whom laid-out inputs are given to: the user that jobs run as
  ChunkStoreOptions chunks;
  DownloadOptions downloads;
  LogOptions logs;                                    // `self` is filled in
  int chunk_workers = 2;                              // storing and serving single chunks
  int file_workers = 2;                               // packing and unpacking: as many bundles at once
  std::size_t serving_per_peer_max = 64;              // more is not answered; they ask again
  int uploads_max = 32;                               // chunks of clients in memory
  Duration progress_every = std::chrono::seconds(1);  // InputsProgress of one run
  Duration garbage_every = std::chrono::minutes(1);
  Duration retry_after = std::chrono::seconds(5);  // a full disk, a failed sync
};

// All outlive the service.
struct StagingSeams {
  StagingDirectory& directory;
  BulkSender& sender;
  RunFolders& folders;
  StagingHandler& handler;
};

}  // namespace hansa::staging
