#include <fcntl.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "hansa/types/job.hpp"
#include "src/client/bundle.hpp"
#include "src/client/directives.hpp"
#include "src/client/quote_table.hpp"
#include "src/client/submit_json.hpp"
#include "src/client/verbs.hpp"

extern char** environ;

namespace hansa::client {
namespace {

using Json = nlohmann::ordered_json;

struct Work {
  std::string script;  // text; empty when a command is run
  std::vector<std::string> arguments;
  std::string default_name;
};

Result<std::string> read_script(const std::string& path) {
  constexpr std::uintmax_t script_bytes_max = 2u << 20;
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  std::ifstream file(path, std::ios::binary);
  if (error || !file) {
    return usage_error("the script '" + path + "' can't be read: " + (error ? error.message() : "no permission") +
                       "; to run a command instead write hansa submit -- COMMAND");
  }
  if (size > script_bytes_max)
    return usage_error("the script '" + path + "' is above 2 MiB; name large files with --input");
  std::string text{std::istreambuf_iterator<char>(file), {}};
  if (!text.starts_with("#!")) {
    return usage_error("the script '" + path +
                       "' does not begin with #!: write its interpreter there, as in #!/bin/bash");
  }
  return text;
}

Result<Work> work_of(const Args& args, const SubmitManner& manner) {
  if (!manner.wrap.empty()) {
    if (!args.words.empty()) return usage_error("--wrap takes the place of a script: give one of them");
    return Work{.script = "#!/bin/sh\n" + manner.wrap + "\n", .arguments = {}, .default_name = "wrap"};
  }
  if (args.words.empty()) return usage_error("there is nothing to run: name a script, or write -- COMMAND, or --wrap");
  const auto name = std::filesystem::path(args.words.front()).filename().string();
  if (args.after_dashes) return Work{.script = "", .arguments = args.words, .default_name = name};
  auto text = read_script(args.words.front());
  if (!text) return text.error();
  return Work{
      .script = std::move(*text), .arguments = {args.words.begin() + 1, args.words.end()}, .default_name = name};
}

Status apply_options(const Args& args, SubmitForm& form) {
  for (const auto& [name, value] : args.given) {
    if (auto applied = apply_submit_option(name, value, form); !applied) return applied;
  }
  return success();
}

Result<SubmitForm> gather(const Work& work, const Args& args) {
  SubmitForm form;
  const auto directives = read_directives(work.script);
  if (!directives) return directives.error();
  if (auto applied = apply_sbatch(directives->sbatch, form); !applied) return applied.error();
  const auto lines = parse_args(submit_options(), directives->hansa, Words::anywhere);
  if (!lines) return usage_error("#HANSA line: " + lines.error().text);
  if (!lines->words.empty()) return usage_error("#HANSA line: '" + lines->words.front() + "' is no option");
  if (auto applied = apply_options(*lines, form); !applied) return usage_error("#HANSA line: " + applied.error().text);
  if (auto applied = apply_options(args, form); !applied) return applied.error();
  if (form.name.empty()) form.name = work.default_name;
  if (!form.array.empty()) {
    if (auto array = parse_array(form.array); !array) return array.error();
  }
  return form;
}

Json placement_json(const SubmitForm& form) {
  Json json = Json::object();
  if (!form.prefer.empty()) json["prefer"] = form.prefer;
  if (!form.region.empty()) json["region"] = form.region;
  if (form.within_s) json["within_s"] = *form.within_s;
  if (!form.sites.empty()) json["sites"] = form.sites;
  if (!form.excluded.empty()) json["exclude"] = form.excluded;
  return json;
}

Json dependencies_json(const SubmitForm& form) {
  auto list = Json::array();
  for (const auto& word : form.dependencies) {
    Json item{{"kind", word.kind}};
    if (!word.job.empty()) item["job"] = word.job;
    list.push_back(std::move(item));
  }
  return list;
}

void add_files(const SubmitForm& form, const Bundle& bundle, Json& json) {
  if (!bundle.manifest.empty()) json["inputs"] = bundle.json();
  const auto& start = form.chdir.empty() ? bundle.workdir : form.chdir;
  if (!start.empty()) json["workdir"] = start;
  if (!form.outputs.empty()) json["outputs"] = form.outputs;
  if (!form.stdout_path.empty()) json["stdout_path"] = form.stdout_path;
  if (!form.stderr_path.empty()) json["stderr_path"] = form.stderr_path;
}

Result<std::string> job_text(const Work& work, const SubmitForm& form, const NodeShape& shape, const Bundle& bundle) {
  Json json{{"name", form.name}, {"resources", resources_json(form, shape)}};
  if (auto placement = placement_json(form); !placement.empty()) json["placement"] = std::move(placement);
  if (!form.on_partition.empty()) json["on_partition"] = form.on_partition;
  if (form.lease_s) json["lease_s"] = *form.lease_s;
  if (form.requeue) json["requeue"] = true;
  if (!form.dependencies.empty()) json["dependencies"] = dependencies_json(form);
  if (!form.array.empty()) json["array"] = form.array;
  if (form.held) json["held"] = true;
  if (!work.script.empty()) json["script"] = work.script;
  if (!work.arguments.empty()) json["arguments"] = work.arguments;
  json["environment"] = exported(form.export_words, environ);
  add_files(form, bundle, json);
  if (!form.passed_through.empty()) json["passed_through"] = form.passed_through;
  try {
    return json.dump();
  } catch (const Json::exception&) {
    return usage_error("the script or its arguments hold bytes that are no UTF-8: save the script as UTF-8");
  }
}

Outcome tell(Context& context, const SubmitManner& manner, const Reply& reply) {
  const auto json = nlohmann::json::parse(reply.body, nullptr, false);
  if (!json.is_object() || !json.contains("id") || !json["id"].is_string()) {
    return internal_error(
        "the daemon's answer to the submission is not understood; are hansa and hansad of one version?");
  }
  const auto id = json["id"].get<std::string>();
  if (manner.json) {
    print(reply.body + "\n");
  } else {
    print(manner.parsable ? id + "\n" : "Submitted batch job " + id + "\n");
  }
  if (!manner.wait) return 0;
  std::fflush(stdout);
  return wait_for(context.daemon, id);
}

}  // namespace

Json resources_json(const SubmitForm& form, const NodeShape& shape) {
  Json json{{"nodes", shape.nodes}, {"cores_per_node", shape.cores}};
  if (shape.accelerators > 0) json["accelerators_per_node"] = shape.accelerators;
  if (shape.memory_bytes > 0) json["memory_bytes_per_node"] = shape.memory_bytes;
  if (form.pflops) json["pflops"] = *form.pflops;
  if (!form.models.empty()) json["models"] = form.models;
  if (!form.labels.empty()) json["labels"] = form.labels;
  if (form.time_s) json["time_limit_s"] = *form.time_s;
  return json;
}

Outcome run_submit(Context& context, const Args& args) {
  SubmitManner manner;
  read_manner(args, manner);
  const auto work = work_of(args, manner);
  if (!work) return work.error();
  const auto form = gather(*work, args);
  if (!form) return form.error();
  const auto shape = shape_of(*form);
  if (!shape) return shape.error();
  if (const auto warning = describe_passed_through(*form); !warning.empty()) complain(warning);
  const auto bundle = pack_bundle(*form);
  if (!bundle) return bundle.error();
  const auto body = job_text(*work, *form, *shape, *bundle);
  if (!body) return body.error();
  if (manner.test_only) {
    const auto quote = context.daemon.ask({.method = "POST", .target = "/v1/jobs?test_only=1", .body = *body});
    if (!quote) return quote.error();
    return print_quote(quote->body, manner.json, context.coloured);
  }
  if (auto sent = upload(context.daemon, *bundle); !sent) return sent.error();
  const auto key = manner.idempotency_key.empty() ? random_key() : manner.idempotency_key;
  const auto reply =
      context.daemon.ask({.method = "POST", .target = "/v1/jobs", .body = *body, .idempotency_key = key});
  if (!reply) return reply.error();
  return tell(context, manner, *reply);
}

}  // namespace hansa::client
