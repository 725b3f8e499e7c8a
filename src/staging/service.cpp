#include "src/staging/service.hpp"

#include <sodium.h>

#include <algorithm>
#include <set>
#include <utility>

#include "src/staging/chunk.hpp"
#include "src/staging/holders.hpp"

namespace hansa::staging {
namespace {

LogOptions with_self(LogOptions logs, const SiteName& self) {
  logs.self = self;
  return logs;
}

}  // namespace

Result<std::unique_ptr<StagingService>> StagingService::open(StagingOptions options, StagingSeams seams) {
  if (sodium_init() < 0) return internal_error("libsodium can't be initialised");
  Opened opened;
  auto chunks = ChunkStore::open(options.state_folder + "/chunks", options.chunks);
  if (!chunks.ok()) return chunks.error();
  opened.chunks = std::move(chunks).value();
  auto bundles = ManifestBook::open(options.state_folder + "/bundles", *opened.chunks);
  if (!bundles.ok()) return bundles.error();
  opened.bundles = std::move(bundles).value();
  auto outputs = ManifestBook::open(options.state_folder + "/outputs", *opened.chunks);
  if (!outputs.ok()) return outputs.error();
  opened.outputs = std::move(outputs).value();
  return std::unique_ptr<StagingService>(new StagingService(std::move(options), seams, std::move(opened)));
}

StagingService::StagingService(StagingOptions options, StagingSeams seams, Opened opened)
    : options_(std::move(options)),
      chunks_(std::move(opened.chunks)),
      bundles_(std::move(opened.bundles)),
      outputs_(std::move(opened.outputs)),
      rights_(seams.directory, *bundles_),
      logs_(with_self(options_.logs, options_.self), {seams.directory, seams.folders, *chunks_, *bundles_, *outputs_},
            seams.sender),
      engine_(options_, seams, {*chunks_, *bundles_, *outputs_, rights_, sync_}) {}

// Threads first, all of them: each posts to others.
StagingService::~StagingService() {
  sync_.stop();
  logs_.stop();
  engine_.stop();
}

void StagingService::on_bulk_frame(const SiteName& from, BulkMessage message) {
  struct Forward {
    StagingService& service;
    const SiteName& from;
    void operator()(ChunkGet& get) const { service.engine_.on_get(from, get); }
    void operator()(ChunkData& data) const { service.engine_.on_data(from, std::move(data)); }
    void operator()(ChunkMissing& missing) const { service.engine_.on_missing(from, missing); }
    void operator()(LogGet& get) const { service.logs_.on_get(from, get); }
    void operator()(LogData& data) const { service.logs_.on_data(from, std::move(data)); }
  };
  std::visit(Forward{*this, from}, message);
}

void StagingService::on_link(const SiteName& peer, bool up) {
  engine_.on_link(peer, up);
  logs_.on_link(peer, up);
}

Status StagingService::check_inputs(const Manifest& inputs) {
  if (auto sound = check_manifest(inputs, options_.input_limits, BundleUse::inputs); !sound.ok()) return sound;
  const auto missing = chunks_->missing(chunks_of(inputs));
  if (missing.empty()) return success();
  return usage_error("the job names " + std::to_string(missing.size()) +
                     " chunks that were not uploaded: put them first (the first is " + hash_text(missing.front()) +
                     ")");
}

Status StagingService::keep_inputs(const JobId& job, const Manifest& inputs) {
  if (chunks_of(inputs).empty()) return success();
  return bundles_->put(job_inputs_holder(job), inputs);
}

void StagingService::keep_only(const std::vector<JobId>& jobs, const std::vector<RunKey>& runs) {
  std::set<std::string> wanted;
  for (const auto& job : jobs) wanted.insert({job_inputs_holder(job), file_name(job)});
  for (const auto& run : runs) wanted.insert({run_inputs_holder(run), collected_holder(run)});
  for (const auto& holder : bundles_->holders()) {
    const bool half_pulled = holder.starts_with(pull_prefix);  // its command comes again, and holds again
    if (half_pulled || !wanted.contains(holder)) bundles_->drop(holder);
  }
  for (const auto& holder : outputs_->holders()) {
    if (!wanted.contains(holder)) outputs_->drop(holder);
  }
}

void StagingService::missing_chunks(const std::vector<ContentHash>& hashes,
                                    const std::function<void(Result<std::vector<ContentHash>>)>& answer) {
  answer(chunks_->missing(hashes));
}

void StagingService::put_chunk(const ContentHash& hash, std::string zstd, std::function<void(Status)> answer) {
  if (uploads_.fetch_add(1) >= options_.uploads_max) {
    --uploads_;
    return answer(overloaded("too many chunks are being uploaded at once: try again in a moment"));
  }
  engine_.with_chunk([this, hash, zstd = std::move(zstd), answer = std::move(answer)]() mutable {
    const auto stored = chunks_->put_frame(hash, zstd);
    zstd = {};
    --uploads_;
    if (!stored.ok()) return answer(stored.error());
    sync_.sync(chunks_->files_of({hash}), std::move(answer));
  });
}

void StagingService::output_manifest(const JobId& job, std::function<void(Result<Manifest>)> answer) {
  engine_.with_chunk([this, job, answer = std::move(answer)] {
    auto manifest = outputs_->get(file_name(job));
    if (!manifest.ok()) return answer(not_found("the job's outputs are not at this site: wait until it is over"));
    answer(std::move(manifest));
  });
}

void StagingService::get_output_chunk(const JobId& job, const ContentHash& hash,
                                      std::function<void(Result<std::string>)> answer) {
  engine_.with_chunk([this, job, hash, answer = std::move(answer)] {
    const auto manifest = outputs_->get(file_name(job));
    const auto chunks = manifest.ok() ? chunks_of(*manifest) : std::vector<ContentHash>{};
    if (std::find(chunks.begin(), chunks.end(), hash) == chunks.end()) {
      return answer(not_found("no output of this job has the chunk " + hash_text(hash)));
    }
    answer(chunks_->read_frame(hash));
  });
}

void StagingService::read_log(const LogQuery& query, const SiteName& host, LogAnswer answer) {
  logs_.read(query, host, std::move(answer));
}

}  // namespace hansa::staging
