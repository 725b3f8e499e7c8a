// The keys that bound what a site takes on, and say how long it keeps what is over.
#include "src/config/setting.hpp"

#define HANSA_AT(field)       \
  [](auto& config) -> auto& { \
    return config.field;      \
  }

namespace hansa {
namespace {

using Seconds = std::chrono::seconds;

constexpr std::uint64_t mib = 1ull << 20;
constexpr std::uint64_t tib = 1ull << 40;
constexpr Seconds ten_years{315'360'000};

}  // namespace

std::vector<Setting> limit_settings() {
  return {
      size_setting({"limits", "bundle_bytes_max", "The files of one job that travel with it."},
                   HANSA_AT(limits.bundle_bytes_max), mib, 100 * tib),
      number_setting({"limits", "bundle_files_max", "How many they may be; each costs some bytes of a list."},
                     HANSA_AT(limits.bundle_files_max), 1, 60'000),
      size_setting({"limits", "output_bytes_max", "The output files of one run."}, HANSA_AT(limits.output_bytes_max),
                   mib, 100 * tib),
      size_setting({"limits", "chunk_store_bytes_max", "Compressed chunks of bundles on this site's disk, in all."},
                   HANSA_AT(limits.chunk_store_bytes_max), 64 * mib, 1000 * tib),
      size_setting({"limits", "script_bytes_max", "A job's script and environment; they travel in one message."},
                   HANSA_AT(limits.script_bytes_max), 1024, 3 * mib),
      number_setting({"limits", "submissions_per_request_max", "Jobs in one request to the API."},
                     HANSA_AT(limits.submissions_per_request_max), 1, 100'000),
      number_setting({"limits", "array_tasks_max", "Tasks of one job array."}, HANSA_AT(limits.array_tasks_max), 1,
                     1'000'000),
      number_setting({"limits", "queue_length_max",
                      "Jobs submitted here that are not final; about 1 KB of memory each. A submission past it is "
                      "refused."},
                     HANSA_AT(limits.queue_length_max), 1, 100'000'000),
      size_setting({"limits", "disk_free_bytes_min",
                    "With less room than this on the disk of state, nothing new is taken on: no submissions, no bids."},
                   HANSA_AT(limits.disk_free_bytes_min), mib, 100 * tib),
      duration_setting<Seconds>(
          {"limits", "retention_s", "A finished guest's record is kept so long after its origin has acknowledged it."},
          HANSA_AT(limits.retention), Seconds(60), ten_years),
      duration_setting<Seconds>({"limits", "history_s", "A finished job of this site stays in its history so long."},
                                HANSA_AT(limits.history), Seconds(60), ten_years),
      duration_setting<Seconds>(
          {"limits", "outputs_kept_s", "Outputs that their origin does not fetch are dropped after this."},
          HANSA_AT(limits.outputs_kept), Seconds(60), ten_years),
  };
}

}  // namespace hansa
