// #SBATCH lines: those whose meaning holds at any site are honoured, the others passed on by name, for a host whose
// batch system is Slurm, and named in one warning.
#include <algorithm>
#include <array>

#include "src/client/submit_form.hpp"

namespace hansa::client {
namespace {

using Apply = Status (*)(const std::string& value, SubmitForm& form);

struct SbatchOption {
  std::string_view name;
  char letter;
  bool takes_value;
  Apply apply;  // null: passed through
};

template <std::optional<std::uint32_t> SubmitForm::*Field>
Status set_count(const std::string& value, SubmitForm& form) {
  auto read = parse_count(value);
  if (!read) return read.error();
  form.*Field = *read;
  return success();
}

template <std::string SubmitForm::*Field>
Status set_text(const std::string& value, SubmitForm& form) {
  form.*Field = value;
  return success();
}

// "2" or "2-4": the fewest count.
Status set_nodes(const std::string& value, SubmitForm& form) {
  return set_count<&SubmitForm::nodes>(value.substr(0, value.find('-')), form);
}

Status set_memory(const std::string& value, SubmitForm& form) {
  auto bytes = parse_memory(value);
  if (!bytes) return bytes.error();
  form.memory_bytes = *bytes;
  form.memory_bytes_per_cpu.reset();
  return success();
}

Status set_memory_per_cpu(const std::string& value, SubmitForm& form) {
  auto bytes = parse_memory(value);
  if (!bytes) return bytes.error();
  form.memory_bytes_per_cpu = *bytes;
  form.memory_bytes.reset();
  return success();
}

Status set_time(const std::string& value, SubmitForm& form) {
  auto time = parse_time(value);
  if (!time) return time.error();
  form.time_s = *time;
  return success();
}

// "gpu:a100:2", "gpu:2", "gpu"; other generic resources are passed through.
Status set_gres(const std::string& value, SubmitForm& form) {
  for (const auto& item : split(value, ',')) {
    if (item == "gpu" || item.starts_with("gpu:")) {
      const auto words = item == "gpu" ? std::string("1") : item.substr(4);
      const bool counted =
          words.find_last_not_of("0123456789") == std::string::npos || words.find(':') != std::string::npos;
      if (auto set = set_gpus(counted ? words : words + ":1", &SubmitForm::gpus_per_node, form); !set) return set;
    } else {
      auto& kept = form.passed_through["gres"];
      kept += (kept.empty() ? "" : ",") + item;
    }
  }
  return success();
}

// Features that must all be there are labels; choices between them are for Slurm alone.
Status set_constraint(const std::string& value, SubmitForm& form) {
  if (value.find_first_of("|[]()*") != std::string::npos) {
    form.passed_through["constraint"] = value;
    return success();
  }
  for (const auto& feature : split(value, '&')) {
    for (const auto& label : split(feature, ',')) form.labels.push_back(label);
  }
  return success();
}

// A path of this machine means nothing at another site; one within the bundle does.
Status set_chdir(const std::string& value, SubmitForm& form) {
  if (value.starts_with('/')) {
    form.passed_through["chdir"] = value;
  } else {
    form.chdir = value;
  }
  return success();
}

Status set_dependencies(const std::string& value, SubmitForm& form) {
  auto words = parse_dependencies(value);
  if (!words) return words.error();
  form.dependencies = std::move(*words);
  return success();
}

const SbatchOption known_options[] = {
    {"job-name", 'J', true, set_text<&SubmitForm::name>},
    {"nodes", 'N', true, set_nodes},
    {"ntasks", 'n', true, set_count<&SubmitForm::tasks>},
    {"ntasks-per-node", 0, true, set_count<&SubmitForm::tasks_per_node>},
    {"cpus-per-task", 'c', true, set_count<&SubmitForm::cpus_per_task>},
    {"mem", 0, true, set_memory},
    {"mem-per-cpu", 0, true, set_memory_per_cpu},
    {"gres", 0, true, set_gres},
    {"gpus", 'G', true, [](const std::string& v, SubmitForm& f) { return set_gpus(v, &SubmitForm::gpus, f); }},
    {"gpus-per-node", 0, true,
     [](const std::string& v, SubmitForm& f) { return set_gpus(v, &SubmitForm::gpus_per_node, f); }},
    {"gpus-per-task", 0, true,
     [](const std::string& v, SubmitForm& f) { return set_gpus(v, &SubmitForm::gpus_per_task, f); }},
    {"time", 't', true, set_time},
    {"array", 'a', true, set_text<&SubmitForm::array>},
    {"dependency", 'd', true, set_dependencies},
    {"output", 'o', true, set_text<&SubmitForm::stdout_path>},
    {"error", 'e', true, set_text<&SubmitForm::stderr_path>},
    {"chdir", 'D', true, set_chdir},
    {"export", 0, true, set_text<&SubmitForm::export_words>},
    {"constraint", 'C', true, set_constraint},
    {"requeue", 0, false, [](const std::string&, SubmitForm& f) { return f.requeue = true, success(); }},
    {"no-requeue", 0, false, [](const std::string&, SubmitForm& f) { return f.requeue = false, success(); }},
    {"hold", 'H', false, [](const std::string&, SubmitForm& f) { return f.held = true, success(); }},
    {"comment", 0, true, [](const std::string&, SubmitForm&) { return success(); }},
    {"partition", 'p', true, nullptr},
    {"account", 'A', true, nullptr},
    {"qos", 'q', true, nullptr},
    {"licenses", 'L', true, nullptr},
    {"nodelist", 'w', true, nullptr},
    {"exclude", 'x', true, nullptr},
    {"begin", 'b', true, nullptr},
    {"distribution", 'm', true, nullptr},
    {"nodefile", 'F', true, nullptr},
    {"core-spec", 'S', true, nullptr},
    {"clusters", 'M', true, nullptr},
    {"input", 'i', true, nullptr},
    {"immediate", 'I', false, nullptr},
    {"no-kill", 'k', false, nullptr},
    {"overcommit", 'O', false, nullptr},
    {"oversubscribe", 's', false, nullptr},
    {"quiet", 'Q', false, nullptr},
    {"verbose", 'v', false, nullptr},
    {"wait", 'W', false, nullptr},
    {"exclusive", 0, false, nullptr},
    {"contiguous", 0, false, nullptr},
    {"ignore-pbs", 0, false, nullptr},
    {"parsable", 0, false, nullptr},
    {"reboot", 0, false, nullptr},
    {"spread-job", 0, false, nullptr},
    {"use-min-nodes", 0, false, nullptr},
};

// One option with its value, taken off the front of `words`.
struct Taken {
  const SbatchOption* option = nullptr;
  std::string name;
  std::string value;
};

Result<Taken> take_one(std::span<const std::string>& words) {
  const auto word = words.front();
  words = words.subspan(1);
  Taken taken;
  bool has_value = false;
  const auto known = [&](auto matches) {
    const auto* found = std::find_if(std::begin(known_options), std::end(known_options), matches);
    taken.option = found == std::end(known_options) ? nullptr : found;
    if (taken.option) taken.name = taken.option->name;
  };
  if (word.starts_with("--") && word.size() > 2) {
    const auto equals = word.find('=');
    taken.name = word.substr(2, equals == std::string::npos ? equals : equals - 2);
    known([name = taken.name](const auto& o) { return o.name == name; });
    has_value = equals != std::string::npos;
    if (has_value) taken.value = word.substr(equals + 1);
  } else if (word.size() > 1 && word.front() == '-') {
    taken.name = word.substr(1, 1);
    known([letter = word[1]](const auto& o) { return o.letter == letter; });
    has_value = word.size() > 2;
    if (has_value) taken.value = word.substr(word[2] == '=' ? 3 : 2);
  } else {
    return usage_error("'" + word + "' in an #SBATCH line is no option: write --name=value");
  }
  // An option that this table lacks takes what follows, if that is no option itself.
  const bool wants = taken.option ? taken.option->takes_value : !words.empty() && !words.front().starts_with('-');
  if (wants && !has_value) {
    if (words.empty()) return usage_error("--" + taken.name + " in an #SBATCH line needs a value");
    taken.value = words.front();
    words = words.subspan(1);
  }
  return taken;
}

}  // namespace

Status apply_sbatch(std::span<const std::string> words, SubmitForm& form) {
  while (!words.empty()) {
    auto taken = take_one(words);
    if (!taken) return taken.error();
    if (!taken->option || !taken->option->apply) {
      form.passed_through[taken->name] = taken->value;
      continue;
    }
    if (auto applied = taken->option->apply(taken->value, form); !applied) {
      return usage_error("#SBATCH --" + taken->name + ": " + applied.error().text);
    }
  }
  return success();
}

std::string describe_passed_through(const SubmitForm& form) {
  if (form.passed_through.empty()) return {};
  std::string names;
  for (const auto& [name, value] : form.passed_through) {
    names += (names.empty() ? "--" : ", --") + name + (value.empty() ? "" : "=" + value);
  }
  return "these #SBATCH options have no meaning across sites and are only passed on to hosts that run Slurm: " + names;
}

}  // namespace hansa::client
