#include "src/bin/hansad/daemon_parts.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <filesystem>

#include "protocol/wire/codec.hpp"
#include "src/backends/registry.hpp"
#include "src/bin/hansad/options.hpp"
#include "src/identity/secret_file.hpp"
#include "src/identity/sodium.hpp"
#include "src/placement/registry.hpp"
#include "src/telemetry/transport_metrics.hpp"

namespace hansa {

std::array<std::uint8_t, 16> SodiumIds::draw() {
  return random_key<BidId>().bytes;
}

bool BulkLane::send(const SiteName& to, const BulkMessage& message) {
  return transport_ && transport_->send(to, Lane::bulk, encode_frame(spoken_versions.oldest, message));
}

Status Daemon::Parts::open(StoredState& stored) {
  const auto known_score = find_score(config.placement.score);
  if (!known_score) return known_score.error();
  score = *known_score;
  auto loaded_keys = load_keys(config.keys);
  if (!loaded_keys) return loaded_keys.error();
  keys = *loaded_keys;
  signatures = std::make_unique<SodiumSignatures>(keys);
  std::error_code ignored;
  std::filesystem::create_directories(config.state, ignored);
  auto opened = SqliteStore::open(config.state, random_key<StoreId>());
  if (!opened) return opened.error();
  store = std::move(*opened);
  if (auto book = open_audit(); !book) return book;  // only now: whoever has the state folder has the book
  counted_store = std::make_unique<CountedStore>(*store, metrics);
  auto state = store->load();
  if (!state) return state.error();
  stored = std::move(*state);
  directory = std::make_unique<RunDirectory>(config.site, *store);
  directory->load(stored);
  return success();
}

Status Daemon::Parts::open_audit() {
  auto opened =
      AuditLog::open({.folder = config.audit,
                      .site = config.site,
                      .secret = keys.identity_secret,
                      .clock = [this] { return clock.now().wall; },
                      .complain = [](const std::string& text) { spdlog::error("event=audit text=\"{}\"", text); }});
  if (!opened) return opened.error();
  audit = std::move(*opened);
  return success();
}

Status Daemon::Parts::open_backend() {
  auto made = make_backend(config.backend.kind, backend_settings(config, inbox));
  if (!made) return made.error();
  backend = std::move(*made);
  folders = std::make_unique<staging::BackendFolders>(*backend);
  // A batch system knows its nodes better than the file.
  const auto abilities = backend->abilities();
  if (!abilities.pools.empty()) config.pools = abilities.pools;
  for (const auto& label : abilities.labels) {
    if (std::find(config.labels.begin(), config.labels.end(), label) == config.labels.end())
      config.labels.push_back(label);
  }
  return success();
}

// After the backend: rules may name pools that only the batch system knows.
Status Daemon::Parts::open_policy() {
  auto rules = policy.load(config);
  if (!rules) return rules.error();
  policy.take_up(std::move(*rules));
  return success();
}

Status Daemon::Parts::open_staging(const StoredState&) {
  auto opened = staging::StagingService::open(
      staging_options(config), {.directory = *directory, .sender = bulk, .folders = *folders, .handler = inbox});
  if (!opened) return opened.error();
  staging = std::move(*opened);
  staging->keep_only(directory->jobs(), directory->runs());
  inbox.set_staging(staging.get());
  return success();
}

Status Daemon::Parts::open_transport() {
  auto options = transport_options(config, keys);
  // Who dials before this site has read out whom it knows is not a stranger worth a word.
  options.notice = [this](const std::string& text) {
    if (peers_known) spdlog::warn("event=transport text=\"{}\"", text);
  };
  auto started = ZmqTransport::start(std::move(options), inbox);
  if (!started) return started.error();
  transport = std::move(*started);
  watch(metrics, *transport);
  metrics.read_counter("hansa_intake_frames_refused_total",
                       "Frames of peers dropped because too much of the same peer waited to be read.",
                       [this] { return static_cast<double>(inbox.frames_refused_total()); });
  return success();
}

Status Daemon::Parts::open_gateway(const StoredState& stored) {
  std::string token;
  if (!config.http.empty()) {
    auto read = read_secret_file(config.api_token);
    if (!read) return read.error();
    token = *read;
  }
  auto enrolment = enrolment_endpoints(config);
  trust = std::make_unique<TrustDesk>(TrustDesk::Parts{.addresses = addresses,
                                                       .clock = &clock,
                                                       .notary = signatures.get(),
                                                       .site = config.site,
                                                       .region = config.region,
                                                       .keys = keys,
                                                       .key_files = config.keys,
                                                       .listen = std::move(enrolment.listen),
                                                       .advertise = std::move(enrolment.advertise),
                                                       .restart = restart});
  trust->open_for(stored.documents);
  const auto note = [this](AuditNote each) { audit->note(std::move(each)); };
  api = std::make_unique<ApiBridge>(ApiBridge::Parts{.addresses = addresses,
                                                     .directory = directory.get(),
                                                     .staging = staging.get(),
                                                     .trust = trust.get(),
                                                     .metrics = [this] { return metrics.text(); },
                                                     .site = config.site,
                                                     .audit = note});
  auto options = gateway_options(config, stored.store, token);
  auto book = TokenBook::open(config.tokens, [this] { return clock.now().wall; });
  if (!book) return book.error();
  tokens = std::move(*book);
  options.tokens = tokens.get();
  options.audit = note;
  options.policy = policy.desk(config.pools);
  auto started = Gateway::start(std::move(options), *api);
  if (!started) return started.error();
  gateway = std::move(*started);
  return success();
}

}  // namespace hansa
