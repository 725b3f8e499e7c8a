// site check: one line that says where the way to another site fails, link by link.
//
// The daemon judges name, route, key, protocol, certificate and clock; a bid, a one-second job and a file there and
// back are then tried by the same means that users have.
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "src/client/bundle.hpp"
#include "src/client/json_read.hpp"
#include "src/client/verbs.hpp"

namespace hansa::client {
namespace {

using Json = nlohmann::ordered_json;

// A folder of its own that is gone afterwards.
class Scratch {
 public:
  Scratch() {
    std::string pattern = (std::filesystem::temp_directory_path() / "hansa-check-XXXXXX").string();
    if (mkdtemp(pattern.data())) path_ = pattern;
  }
  ~Scratch() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

int say(const std::string& site, const std::string& text, bool well) {
  print(site + ": " + text + "\n");
  return well ? 0 : 1;
}

Json canary(const std::string& site) {
  return {{"name", "canary"},
          {"script", "#!/bin/sh\nsleep 1\ncat question > answer\n"},
          {"resources", {{"nodes", 1}, {"cores_per_node", 1}, {"time_limit_s", 60}}},
          {"placement", {{"sites", Json::array({site})}}},
          {"outputs", {"answer"}}};
}

// What the site answers when it is asked for an offer; empty when it makes one.
Result<std::string> no_bid(Daemon& daemon, const std::string& site) {
  const auto body = canary(site).dump();
  const auto reply = daemon.ask({.method = "POST", .target = "/v1/jobs?test_only=1", .body = body});
  if (!reply) return reply.error();
  const auto answer = parse_answer(reply->body);
  if (!answer) return answer.error();
  for (const auto& line : list_of(*answer, "quotes")) {
    if (text_of(line, "site") != site) continue;
    return flag_of(line, "offers") ? std::string() : text_of(line, "reason");
  }
  return std::string("it was not asked, or did not answer in time");
}

Result<std::string> submit_canary(Daemon& daemon, const std::string& site, const Bundle& bundle) {
  auto job = canary(site);
  job["inputs"] = bundle.json();
  if (!bundle.workdir.empty()) job["workdir"] = bundle.workdir;
  const auto body = job.dump();
  const auto reply =
      daemon.ask({.method = "POST", .target = "/v1/jobs", .body = body, .idempotency_key = random_key()});
  if (!reply) return reply.error();
  const auto answer = parse_answer(reply->body);
  if (!answer) return answer.error();
  const auto jobs = list_of(*answer, "jobs");
  return jobs.empty() ? text_of(*answer, "id") : text_of(jobs.front(), "id");
}

Outcome run_canary(Context& context, const std::string& site, const std::string& before) {
  const Scratch scratch;
  const auto question = random_key();
  std::filesystem::create_directories(scratch.path() + "/in");
  std::ofstream(scratch.path() + "/in/question") << question;
  SubmitForm form;
  form.workdir = scratch.path() + "/in";
  const auto bundle = pack_bundle(form);
  if (!bundle) return bundle.error();
  if (auto sent = upload(context.daemon, *bundle); !sent) return sent.error();
  const auto job = submit_canary(context.daemon, site, *bundle);
  if (!job) return say(site, "canary: " + job.error().text, false);
  const auto reply = context.daemon.ask({.target = "/v1/jobs/" + escape(*job) + "?wait=90"});
  if (!reply) return reply.error();
  const auto ended = parse_answer(reply->body);
  if (!ended) return ended.error();
  if (text_of(*ended, "state") != "COMPLETED") {
    const auto reason = text_of(*ended, "reason");
    return say(site,
               "canary: the one-second job " + *job + " is " + text_of(*ended, "state") +
                   (reason.empty() ? "" : " (" + reason + ")"),
               false);
  }
  const auto home = download(context.daemon, *ended, scratch.path() + "/out");
  if (!home) return say(site, "file: " + home.error().text, false);
  std::string answer;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(scratch.path() + "/out")) {
    if (entry.path().filename() != "answer") continue;
    std::ifstream file(entry.path());
    answer.assign(std::istreambuf_iterator<char>(file), {});
  }
  if (answer != question) return say(site, "file: what came home from " + *job + " is not what was sent", false);
  return say(site, before + ", bid, canary job, file there and back", true);
}

}  // namespace

Outcome run_site_check(Context& context, const Args& args) {
  if (args.words.size() != 2) return usage_error("name a site, as in hansa site check taihu");
  const auto& site = args.words[1];
  const auto reply = context.daemon.ask({.target = "/v1/sites/" + escape(site) + "/check"});
  if (!reply) return reply.error();
  const auto check = parse_answer(reply->body);
  if (!check) return check.error();
  const auto text = text_of(*check, "text");
  if (!text_of(*check, "failed").empty()) return say(site, text, false);
  if (args.has("short")) return say(site, text, true);
  const auto why = no_bid(context.daemon, site);
  if (!why) return say(site, "bid: " + why.error().text, false);
  if (!why->empty()) return say(site, "bid: " + site + " makes no offer for one core: " + *why, false);
  return run_canary(context, site, text);
}

}  // namespace hansa::client
