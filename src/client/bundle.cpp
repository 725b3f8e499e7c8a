#include "src/client/bundle.hpp"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>

#include "src/client/job_numbers.hpp"
#include "src/client/json_read.hpp"
#include "src/gateway/json_common.hpp"
#include "src/gateway/json_manifest.hpp"
#include "src/staging/chunk.hpp"
#include "src/staging/pack.hpp"
#include "src/staging/paths.hpp"
#include "src/staging/unpack.hpp"

namespace hansa::client {
namespace {

constexpr std::size_t hashes_per_question = 20'000;

std::string current_folder() {
  std::error_code error;
  return std::filesystem::current_path(error).string();
}

// Where `workdir` is below `base`: "" for base itself.
std::string below(const std::string& base, const std::string& workdir) {
  std::error_code error;
  const auto path = std::filesystem::weakly_canonical(workdir, error).lexically_relative(base).string();
  return path == "." ? "" : path;
}

Result<Bundle> finish(Result<Manifest> packed, std::string base, std::string workdir) {
  if (!packed) return packed.error();
  return Bundle{.manifest = std::move(*packed), .base = std::move(base), .workdir = std::move(workdir)};
}

Result<std::vector<ContentHash>> ask_missing(Daemon& daemon, const std::vector<ContentHash>& hashes) {
  auto list = nlohmann::json::array();
  for (const auto& hash : hashes) list.push_back(gateway::to_hex(hash));
  const auto body = nlohmann::json{{"hashes", std::move(list)}}.dump();
  const auto reply = daemon.ask({.method = "POST", .target = "/v1/chunks/missing", .body = body});
  if (!reply) return reply.error();
  const auto json = nlohmann::json::parse(reply->body, nullptr, false);
  std::vector<ContentHash> missing;
  if (!json.is_object() || !json.contains("missing"))
    return internal_error("the daemon's list of chunks is not understood");
  for (const auto& item : json["missing"]) {
    auto hash = gateway::parse_hash(item.is_string() ? item.get<std::string>() : "");
    if (!hash) return hash.error();
    missing.push_back(*hash);
  }
  return missing;
}

class DaemonChunks final : public staging::ChunkSource {
 public:
  DaemonChunks(Daemon& daemon, std::string job) : daemon_(daemon), job_(std::move(job)) {}

  Result<std::string> read(const ContentHash& hash) override {
    const auto reply = daemon_.ask({.target = "/v1/jobs/" + escape(job_) + "/chunks/" + gateway::to_hex(hash)});
    if (!reply) return reply.error();
    return staging::open_chunk(hash, reply->body);
  }

 private:
  Daemon& daemon_;
  const std::string job_;
};

// Where a stream is to lie in the folder; empty for one that nobody wants.
std::string place_of_stream(const std::string& pattern, const nlohmann::json& job) {
  const auto name = std::filesystem::path(expand_file_name(pattern, job)).lexically_normal();
  if (name == "/dev/null") return {};
  const bool leads_out = name.is_absolute() || *name.begin() == "..";
  return leads_out || !name.has_filename() ? name.filename().string() : name.string();
}

bool has_entry(const Manifest& manifest, const std::string& path) {
  return std::any_of(manifest.entries.begin(), manifest.entries.end(),
                     [&](const ManifestEntry& entry) { return entry.path == path; });
}

// What the job itself left under that name stays, and the stream where it was.
void name_stream(Manifest& manifest, std::string_view stream, const std::string& pattern, const nlohmann::json& job) {
  const auto entry = std::find_if(manifest.entries.begin(), manifest.entries.end(),
                                  [&](const ManifestEntry& e) { return e.path == stream; });
  if (pattern.empty() || entry == manifest.entries.end()) return;
  const auto place = place_of_stream(pattern, job);
  if (place.empty()) {
    manifest.entries.erase(entry);
  } else if (!has_entry(manifest, place)) {
    entry->path = place;
  }
}

}  // namespace

nlohmann::ordered_json Bundle::json() const {
  auto json = gateway::manifest_json(manifest);
  return {{"entries", std::move(json["entries"])}};
}

Result<Bundle> pack_bundle(const SubmitForm& form) {
  staging::NullSink nowhere;
  if (form.inputs.empty() && form.workdir.empty()) return Bundle{};
  const auto here = current_folder();
  if (form.inputs.empty()) return finish(staging::pack_folder(form.workdir, {}, nowhere), form.workdir, "");
  auto inputs = form.inputs;
  auto start = form.workdir.empty() ? std::string() : below(here, form.workdir);
  if (start.starts_with("..")) {
    return usage_error("--workdir '" + form.workdir +
                       "' lies outside of this folder, which --input is relative to: change to "
                       "a folder that holds both");
  }
  if (!start.empty()) inputs.push_back(start);
  return finish(staging::pack_inputs(here, inputs, {}, nowhere), here, std::move(start));
}

Status upload(Daemon& daemon, const Bundle& bundle) {
  std::set<ContentHash> distinct;
  for (const auto& entry : bundle.manifest.entries) distinct.insert(entry.chunks.begin(), entry.chunks.end());
  const std::vector<ContentHash> hashes(distinct.begin(), distinct.end());
  const staging::PackedChunks chunks(bundle.base, bundle.manifest);
  for (std::size_t at = 0; at < hashes.size(); at += hashes_per_question) {
    const auto end = std::min(hashes.size(), at + hashes_per_question);
    const auto missing = ask_missing(
        daemon, {hashes.begin() + static_cast<std::ptrdiff_t>(at), hashes.begin() + static_cast<std::ptrdiff_t>(end)});
    if (!missing) return missing.error();
    for (const auto& hash : *missing) {
      const auto bytes = chunks.read(hash);
      if (!bytes) return bytes.error();
      const auto sealed = staging::seal_chunk(*bytes);
      const auto sent = daemon.ask({.method = "PUT",
                                    .target = "/v1/chunks/" + gateway::to_hex(hash),
                                    .body = sealed,
                                    .content_type = "application/zstd"});
      if (!sent) return sent.error();
    }
  }
  return success();
}

Result<Manifest> download(Daemon& daemon, const nlohmann::json& job, const std::string& folder) {
  const auto id = text_of(job, "id");
  const auto reply = daemon.ask({.target = "/v1/jobs/" + escape(id) + "/outputs"});
  if (!reply) return reply.error();
  const auto json = nlohmann::json::parse(reply->body, nullptr, false);
  auto manifest = gateway::read_manifest(json);
  if (!manifest) return manifest.error();
  name_stream(*manifest, staging::stdout_entry, text_of(json, "stdout_path"), job);
  name_stream(*manifest, staging::stderr_entry, text_of(json, "stderr_path"), job);
  DaemonChunks chunks(daemon, id);
  staging::UnpackOptions options;
  options.use = staging::BundleUse::outputs;
  options.limits.bytes_max = std::uint64_t{1} << 50;
  options.limits.entries_max = 65'536;
  if (auto written = staging::unpack(*manifest, folder, chunks, options); !written) return written.error();
  return manifest;
}

}  // namespace hansa::client
