#include "src/bin/hansad/daemon.hpp"

#include <spdlog/spdlog.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <filesystem>
#include <future>

#include "actors/api_bridge.hpp"
#include "actors/run_directory.hpp"
#include "actors/system.hpp"
#include "hansa/ports/ids.hpp"
#include "protocol/wire/codec.hpp"
#include "src/audit/audit_log.hpp"
#include "src/backends/registry.hpp"
#include "src/bin/hansad/options.hpp"
#include "src/bin/hansad/policy_keeper.hpp"
#include "src/clock/boot_clock.hpp"
#include "src/identity/secret_file.hpp"
#include "src/identity/sodium.hpp"
#include "src/identity/sodium_signatures.hpp"
#include "src/placement/registry.hpp"
#include "src/planner/batch_planner.hpp"
#include "src/planner/easy_planner.hpp"
#include "src/store/sqlite_store.hpp"
#include "src/telemetry/counted_store.hpp"
#include "src/telemetry/log.hpp"
#include "src/telemetry/transport_metrics.hpp"

namespace hansa {
namespace {

class SodiumIds final : public IdSource {
 public:
  std::array<std::uint8_t, 16> draw() override { return random_key<BidId>().bytes; }
};

class BulkLane final : public staging::BulkSender {
 public:
  explicit BulkLane(std::unique_ptr<ZmqTransport>& transport) : transport_(transport) {}
  bool send(const SiteName& to, const BulkMessage& message) override {
    return transport_ && transport_->send(to, Lane::bulk, encode_frame(spoken_versions.oldest, message));
  }

 private:
  std::unique_ptr<ZmqTransport>& transport_;
};

std::uint64_t free_bytes(const std::string& folder) {
  struct statvfs space {};
  if (statvfs(folder.c_str(), &space) != 0) return ~std::uint64_t{0};
  return std::uint64_t{space.f_bavail} * space.f_frsize;
}

}  // namespace

// In the order of their making; taken down in reverse, as each rests on those above it.
struct Daemon::Parts {
  SiteConfig config;
  SiteKeys keys;
  BootClock clock;
  SodiumIds ids;
  std::shared_ptr<Addresses> addresses = std::make_shared<Addresses>();
  Inbox inbox{addresses};
  std::unique_ptr<SodiumSignatures> signatures;
  std::unique_ptr<AuditLog> audit;
  std::unique_ptr<TokenBook> tokens;
  PolicyKeeper policy;
  Metrics metrics;
  std::unique_ptr<SqliteStore> store;
  std::unique_ptr<CountedStore> counted_store;
  std::unique_ptr<RunDirectory> directory;
  std::unique_ptr<Backend> backend;
  std::unique_ptr<staging::BackendFolders> folders;
  std::unique_ptr<ZmqTransport> transport;
  BulkLane bulk{transport};
  std::atomic<bool> peers_known{false};
  std::unique_ptr<staging::StagingService> staging;
  std::unique_ptr<TrustDesk> trust;
  std::unique_ptr<ApiBridge> api;
  std::unique_ptr<Gateway> gateway;
  std::unique_ptr<SiteSystem> system;

  const Score* score = nullptr;
  std::function<void()> restart;

  Status open(StoredState& stored);
  Status open_audit();
  Status open_backend();
  Status open_policy();
  Status open_staging(const StoredState& stored);
  Status open_transport();
  Status open_gateway(const StoredState& stored);
  void run(StoredState stored, std::function<void(std::string)> on_fatal);
  void publish(const FederationEvent& event);
};

// What an operator must be able to read later, whoever listened then, goes to the log as well.
void Daemon::Parts::publish(const FederationEvent& event) {
  constexpr std::array logged = {"run_overlap",  "job_given_up",   "site_forgotten",
                                 "site_adopted", "site_entrusted", "custody_asked"};
  if (std::find(logged.begin(), logged.end(), event.kind) != logged.end()) {
    log_event(LogSeverity::warn, event.kind, {{"job", event.job}, {"site", event.site.value}, {"text", event.text}});
  }
  gateway->publish(event);
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

void Daemon::Parts::run(StoredState stored, std::function<void(std::string)> on_fatal) {
  std::unique_ptr<Planner> planner = std::make_unique<EasyPlanner>(config.pools);
  if (backend->abilities().has_own_queue)
    planner = std::make_unique<BatchPlanner>(config.pools, BatchOptions{.ahead_max = config.slurm.ahead_max});
  ControllerParts brain{.planner = std::move(planner),
                        .score = score,
                        .signatures = signatures.get(),
                        .notary = signatures.get(),
                        .ids = &ids,
                        .daemon = random_key<DaemonId>(),
                        .boot = clock.boot(),
                        .abilities = backend->abilities(),
                        .seed = 0,
                        .policy = policy.policy()};
  fill_random(reinterpret_cast<std::uint8_t*>(&brain.seed), sizeof brain.seed);
  spdlog::info("event=limits text=\"{}\"", brain.abilities.limits);
  spdlog::info("event=policy path={} text=\"{}\"", config.policy,
               brain.policy ? "its rules are in force" : "no rules: every guest is taken in");
  SitePorts ports{.site = config.site,
                  .protocol = spoken_by(config),
                  .clock = &clock,
                  .store = counted_store.get(),
                  .transport = transport.get(),
                  .backend = backend.get(),
                  .staging = staging.get(),
                  .directory = directory.get(),
                  .disk_free = [folder = config.state] { return free_bytes(folder); },
                  .disk_free_min = config.limits.disk_free_bytes_min,
                  .publish = [this](const FederationEvent& event) { publish(event); },
                  .audit = [this](AuditNote note) { audit->note(std::move(note)); }};
  system = std::make_unique<SiteSystem>(std::move(ports), addresses, std::move(on_fatal));
  auto controller = std::make_unique<Controller>(controller_options(config, keys), std::move(brain), stored);
  system->start(std::move(controller), std::move(stored));
  system->set_peers(known_sites(config.peers));
  peers_known = true;
}

Result<std::unique_ptr<Daemon>> Daemon::start(SiteConfig config, std::function<void(std::string)> on_fatal,
                                              std::function<void()> on_restart) {
  ensure_sodium();
  auto parts = std::make_unique<Parts>();
  parts->restart = std::move(on_restart);
  parts->config = std::move(config);
  StoredState stored;
  for (const auto& step : std::initializer_list<std::function<Status()>>{
           [&] { return parts->open(stored); }, [&] { return parts->open_backend(); },
           [&] { return parts->open_policy(); }, [&] { return parts->open_transport(); },
           [&] { return parts->open_staging(stored); }, [&] { return parts->open_gateway(stored); }}) {
    if (auto done = step(); !done) return done.error();
  }
  parts->run(std::move(stored), std::move(on_fatal));
  return std::unique_ptr<Daemon>(new Daemon(std::move(parts)));
}

Daemon::Daemon(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

// Users first, then the brain, which says goodbye over a transport that is still there.
Daemon::~Daemon() {
  auto& p = *parts_;
  p.gateway.reset();
  if (p.system) p.system->stop();
  p.trust.reset();
  p.inbox.set_staging(nullptr);
  p.metrics.forget_read();
  p.staging.reset();
  p.transport.reset();
  p.backend.reset();
  p.system.reset();
}

Status Daemon::reload(const std::string& config_path) {
  auto done = take_up(config_path);
  parts_->audit->note({.act = "reload",
                       .actor = "operator by SIGHUP",
                       .subject = config_path,
                       .allowed = done.ok(),
                       .text = done ? "peers, policy and log level are as the files say" : done.error().text});
  return done;
}

Status Daemon::take_up(const std::string& config_path) {
  auto config = load_config(config_path);
  if (!config) return config.error();
  config->pools = parts_->config.pools;  // what the rules are for: those that this daemon began with
  auto policy = parts_->policy.load(*config);
  if (!policy) return policy.error();
  parts_->system->set_peers(known_sites(config->peers));
  parts_->policy.take_up(std::move(*policy));
  parts_->system->set_policy(parts_->policy.policy());
  spdlog::set_level(spdlog::level::from_str(std::string(to_word(config->log_level))));
  spdlog::info("event=reloaded peers={} policy={}", config->peers.size(), config->policy);
  return success();
}

bool Daemon::is_alive(std::chrono::milliseconds within) {
  auto answered = std::make_shared<std::promise<void>>();
  auto answer = answered->get_future();
  parts_->api->call({.user = "", .is_operator = true}, GetStatus{},
                    [answered](const ApiReply&) { answered->set_value(); });
  return answer.wait_for(within) == std::future_status::ready;
}

}  // namespace hansa
