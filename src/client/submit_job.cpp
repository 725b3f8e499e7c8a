#include "src/client/submit_job.hpp"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "hansa/types/job.hpp"
#include "src/client/bundle.hpp"
#include "src/client/directives.hpp"
#include "src/client/json_read.hpp"
#include "src/client/quote_table.hpp"
#include "src/client/sbatch_options.hpp"
#include "src/client/submit_json.hpp"

extern char** environ;

namespace hansa::client {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::uintmax_t script_bytes_max = 2u << 20;

Status apply_hansa_lines(const std::vector<DirectiveLine>& lines, const std::string& script, SubmitForm& form) {
  for (const auto& line : lines) {
    const auto read = parse_args(submit_options(), line.words, Words::anywhere);
    if (!read) return at_line(script, line.number, read.error());
    if (!read->words.empty())
      return at_line(script, line.number, usage_error("#HANSA: '" + read->words.front() + "' is no option"));
    for (const auto& [name, value] : read->given) {
      if (auto applied = apply_submit_option(name, value, form); !applied)
        return at_line(script, line.number, applied.error());
    }
  }
  return success();
}

Json placement_json(const SubmitForm& form) {
  Json json = Json::object();
  if (!form.prefer.empty()) json["prefer"] = form.prefer;
  if (!form.region.empty()) json["region"] = form.region;
  if (form.within_s) json["within_s"] = *form.within_s;
  if (!form.sites.empty()) json["sites"] = form.sites;
  if (!form.excluded.empty()) json["exclude"] = form.excluded;
  for (const auto& word : form.datasets)
    json["datasets"].push_back({{"name", word.substr(0, word.find(':'))}, {"required", word.ends_with(":require")}});
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

// How the job's tasks are laid out is for whoever starts it: SLURM_NTASKS here, sbatch's own options at a Slurm host.
std::map<std::string, std::string> passed_on(const SubmitForm& form, const NodeShape& shape) {
  auto words = form.passed_through;
  words["ntasks"] = std::to_string(shape.tasks);
  if (form.tasks_per_node) words["ntasks-per-node"] = std::to_string(*form.tasks_per_node);
  if (form.cpus_per_task) words["cpus-per-task"] = std::to_string(*form.cpus_per_task);
  if (form.memory_bytes_per_cpu) words["mem-per-cpu"] = std::to_string(*form.memory_bytes_per_cpu >> 20) + "M";
  return words;
}

// What is the same for all tasks of an array is told with the submission; each one's own number is its host's to tell.
void add_array(const SubmitForm& form, std::map<std::string, std::string>& environment) {
  const auto array = form.array.empty() ? Result<ArraySpec>(ArraySpec{}) : parse_array(form.array);
  if (!array || array->empty()) return;
  const auto& tasks = array->tasks;
  environment["SLURM_ARRAY_TASK_COUNT"] = std::to_string(tasks.size());
  environment["SLURM_ARRAY_TASK_MIN"] = std::to_string(tasks.front());
  environment["SLURM_ARRAY_TASK_MAX"] = std::to_string(tasks.back());
  environment["SLURM_ARRAY_TASK_STEP"] = std::to_string(tasks.size() > 1 ? tasks[1] - tasks[0] : 1);
}

void add_files(const SubmitForm& form, const Bundle& bundle, Json& json) {
  if (!bundle.manifest.empty()) json["inputs"] = bundle.json();
  const auto& start = form.chdir.empty() ? bundle.workdir : form.chdir;
  if (!start.empty()) json["workdir"] = start;
  if (!form.outputs.empty()) json["outputs"] = form.outputs;
  if (!form.stdout_path.empty()) json["stdout_path"] = form.stdout_path;
  // One file for both is one stream, as it is without --error.
  if (!form.stderr_path.empty() && form.stderr_path != form.stdout_path) json["stderr_path"] = form.stderr_path;
}

Result<std::string> job_text(const Work& work, const SubmitForm& form, const NodeShape& shape, const Bundle& bundle) {
  Json json{{"name", form.name}, {"resources", resources_json(form, shape)}};
  if (auto placement = placement_json(form); !placement.empty()) json["placement"] = std::move(placement);
  if (!form.on_partition.empty()) json["on_partition"] = form.on_partition;
  if (form.lease_s) json["lease_s"] = *form.lease_s;
  if (form.requeue) json["requeue"] = true;
  if (!form.checkpoint.empty()) json["checkpoint"] = form.checkpoint;
  if (!form.dependencies.empty()) json["dependencies"] = dependencies_json(form);
  if (!form.array.empty()) json["array"] = form.array;
  if (form.held) json["held"] = true;
  if (!work.script.empty()) json["script"] = work.script;
  if (!work.arguments.empty()) json["arguments"] = work.arguments;
  auto environment = exported(form.export_words, environ);
  add_array(form, environment);
  json["environment"] = std::move(environment);
  add_files(form, bundle, json);
  json["passed_through"] = passed_on(form, shape);
  try {
    return json.dump();
  } catch (const Json::exception&) {
    return usage_error("the script or its arguments hold bytes that are no UTF-8: save the script as UTF-8");
  }
}

// "1042" of "wujiang-1042", as Slurm's commands name jobs.
std::string shown_id(const nlohmann::json& answer, bool as_number) {
  return as_number ? text_of(answer, "number") : text_of(answer, "id");
}

Outcome tell_submitted(Context& context, const SubmitManner& manner, const Reply& reply) {
  const auto answer = nlohmann::json::parse(reply.body, nullptr, false);
  const auto id = text_of(answer, "id");
  if (id.empty()) {
    return internal_error(
        "the daemon's answer to the submission is not understood; are hansa and hansad of one version?");
  }
  if (manner.json) {
    print(reply.body + "\n");
  } else if (manner.parsable || !manner.quiet) {
    print((manner.parsable ? "" : "Submitted batch job ") + shown_id(answer, manner.numbers) + "\n");
  }
  if (!manner.wait) return 0;
  std::fflush(stdout);
  return wait_for(context.daemon, id);
}

Outcome ask_quote(Context& context, const SubmitManner& manner, const std::string& body) {
  const auto quote = context.daemon.ask({.method = "POST", .target = "/v1/jobs?test_only=1", .body = body});
  if (!quote) return quote.error();
  return manner.numbers ? say_quote(quote->body) : print_quote(quote->body, manner.json, context.coloured);
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
  if (form.exclusive) json["exclusive"] = true;
  if (!form.pools.empty()) json["pools"] = form.pools;
  return json;
}

Result<Work> script_of_text(std::string text, Work work) {
  if (text.size() > script_bytes_max)
    return usage_error(work.source + " is above 2 MiB; name large files with --input");
  if (!text.starts_with("#!"))
    return usage_error(work.source + " does not begin with #!: write its interpreter there, as in #!/bin/bash");
  work.script = std::move(text);
  return work;
}

Result<Work> read_script(const std::string& path, std::vector<std::string> arguments) {
  Work work{.script = "",
            .arguments = std::move(arguments),
            .default_name = std::filesystem::path(path).filename().string(),
            .source = path};
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  std::ifstream file(path, std::ios::binary);
  if (error || !file) {
    return usage_error("the script '" + path + "' can't be read: " + (error ? error.message() : "no permission") +
                       "; to run a command instead write hansa submit -- COMMAND");
  }
  if (size > script_bytes_max)
    return usage_error("the script '" + path + "' is above 2 MiB; name large files with --input");
  return script_of_text({std::istreambuf_iterator<char>(file), {}}, std::move(work));
}

Work wrapped_command(const std::string& command) {
  return {.script = "#!/bin/sh\n" + command + "\n", .arguments = {}, .default_name = "wrap"};
}

Result<SubmitForm> gather_form(const Work& work, const std::function<Status(SubmitForm&)>& command_line) {
  SubmitForm form;
  const auto directives = read_directives(work.script, work.source);
  if (!directives) return directives.error();
  if (auto applied = apply_sbatch_lines(directives->sbatch, work.source, form); !applied) return applied.error();
  if (auto applied = apply_sbatch_variables(environ, form); !applied) return applied.error();
  if (auto applied = apply_hansa_lines(directives->hansa, work.source, form); !applied) return applied.error();
  if (auto applied = command_line(form); !applied) return applied.error();
  if (form.name.empty()) form.name = work.default_name;
  if (!form.array.empty()) {
    if (auto array = parse_array(form.array); !array) return array.error();
  }
  return form;
}

Outcome submit_job(Context& context, const Work& work, const SubmitForm& form) {
  const auto shape = shape_of(form);
  if (!shape) return shape.error();
  if (const auto warning = describe_passed_through(form); !warning.empty()) complain(warning);
  const auto bundle = pack_bundle(form);
  if (!bundle) return bundle.error();
  const auto body = job_text(work, form, *shape, *bundle);
  if (!body) return body.error();
  const auto& manner = form.manner;
  if (manner.test_only) return ask_quote(context, manner, *body);
  if (auto sent = upload(context.daemon, *bundle); !sent) return sent.error();
  const auto key = manner.idempotency_key.empty() ? random_key() : manner.idempotency_key;
  const auto reply =
      context.daemon.ask({.method = "POST", .target = "/v1/jobs", .body = *body, .idempotency_key = key});
  if (!reply) return reply.error();
  return tell_submitted(context, manner, *reply);
}

}  // namespace hansa::client
