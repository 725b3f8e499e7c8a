#include "src/client/sbatch_options.hpp"

#include <algorithm>
#include <string_view>

#include "src/client/sbatch_table.hpp"

namespace hansa::client {
namespace {

// One option with its value, taken off the front of the words.
struct Taken {
  const SbatchOption* option = nullptr;
  const Option* own = nullptr;  // one that only hansa submit has
  std::string name;
  std::string value;
  bool has_value = false;
};

const Option* find_own(const std::string& name) {
  const auto options = submit_options();
  const auto found = std::find_if(options.begin(), options.end(), [&](const auto& o) { return o.name == name; });
  return found == options.end() ? nullptr : &*found;
}

Taken read_name(const std::string& word) {
  Taken taken;
  if (word.starts_with("--")) {
    const auto equals = word.find('=');
    taken.name = word.substr(2, equals == std::string::npos ? equals : equals - 2);
    taken.has_value = equals != std::string::npos;
    if (taken.has_value) taken.value = word.substr(equals + 1);
    taken.own = find_own(taken.name);
    taken.option = find_sbatch_option(taken.name);
    if (taken.own && taken.option && taken.option->name != taken.name) taken.option = nullptr;  // a mere beginning
  } else {
    taken.name = word.substr(1, 1);
    taken.option = find_sbatch_option(word[1]);
    taken.has_value = word.size() > 2;
    if (taken.has_value) taken.value = word.substr(word[2] == '=' ? 3 : 2);
  }
  if (taken.option) {
    taken.name = taken.option->name;
    taken.own = nullptr;
  }
  return taken;
}

// An option that is not known takes what follows, if that is no option itself.
bool wants_value(const Taken& taken, std::span<const std::string> rest) {
  if (taken.option) return taken.option->value == SbatchValue::needed;
  if (taken.own) return !taken.own->value.empty();
  return !rest.empty() && !rest.front().starts_with('-');
}

Result<Taken> take_one(std::span<const std::string>& words) {
  const auto& word = words.front();
  if (word.size() < 2 || word.front() != '-')
    return usage_error("'" + word + "' is no option of sbatch: write --name=value");
  auto taken = read_name(word);
  words = words.subspan(1);
  if (taken.has_value && taken.option && taken.option->value == SbatchValue::none && word.starts_with("--"))
    return usage_error("--" + taken.name + " takes no value");
  if (taken.has_value || !wants_value(taken, words)) return taken;
  if (words.empty()) return usage_error("--" + taken.name + " needs a value");
  taken.value = words.front();
  words = words.subspan(1);
  return taken;
}

Status apply_known(const SbatchOption& option, const std::string& value, SubmitForm& form) {
  const std::string name(option.name);
  switch (option.fate) {
    case SbatchFate::honoured:
      if (auto applied = option.apply(value, form); !applied)
        return usage_error("--" + name + ": " + applied.error().text);
      break;
    case SbatchFate::passed:
      form.passed_through[name] = value;
      break;
    case SbatchFate::unsupported:
      if (std::find(form.left_out.begin(), form.left_out.end(), name) == form.left_out.end())
        form.left_out.push_back(name);
      break;
    case SbatchFate::ignored:
      break;
  }
  return success();
}

Status apply_line(std::span<const std::string> words, SubmitForm& form) {
  while (!words.empty()) {
    auto taken = take_one(words);
    if (!taken) return taken.error();
    if (taken->option) {
      if (auto applied = apply_known(*taken->option, taken->value, form); !applied) return applied;
    } else if (taken->own) {
      return usage_error("--" + taken->name + " is no option of sbatch: write #HANSA --" + taken->name);
    } else {
      form.passed_through[taken->name] = taken->value;
    }
  }
  return success();
}

}  // namespace

Status apply_sbatch_lines(const std::vector<DirectiveLine>& lines, const std::string& script, SubmitForm& form) {
  for (const auto& line : lines) {
    if (auto applied = apply_line(line.words, form); !applied) return at_line(script, line.number, applied.error());
  }
  return success();
}

Status apply_sbatch_variables(const char* const* environment, SubmitForm& form) {
  for (; *environment; ++environment) {
    const std::string_view entry = *environment;
    if (!entry.starts_with("SBATCH_")) continue;
    const auto name = entry.substr(0, entry.find('='));
    const auto value = name.size() < entry.size() ? entry.substr(name.size() + 1) : std::string_view{};
    for (const auto& known : sbatch_variables()) {
      if (known.variable != name) continue;
      const auto applied = apply_known(*find_sbatch_option(known.option), std::string(value), form);
      if (!applied) return usage_error("the variable " + std::string(name) + ": " + applied.error().text);
    }
  }
  return success();
}

Status apply_sbatch_words(std::span<const std::string>& words, SubmitForm& form) {
  while (!words.empty() && words.front().size() > 1 && words.front().front() == '-') {
    if (words.front() == "--") {
      words = words.subspan(1);
      break;
    }
    auto taken = take_one(words);
    if (!taken) return taken.error();
    if (!taken->option && !taken->own) return usage_error("unknown option --" + taken->name);
    const auto applied = taken->option ? apply_known(*taken->option, taken->value, form)
                                       : apply_submit_option(taken->name, taken->value, form);
    if (!applied) return applied;
  }
  return success();
}

std::string describe_passed_through(const SubmitForm& form) {
  std::string text;
  std::string names;
  for (const auto& [name, value] : form.passed_through) {
    names += (names.empty() ? "--" : ", --") + name + (value.empty() ? "" : "=" + value);
  }
  if (!names.empty()) text = "only hosts that run Slurm may heed " + names;
  names.clear();
  for (const auto& name : form.left_out) names += (names.empty() ? "--" : ", --") + name;
  if (!names.empty())
    text += (text.empty() ? "" : "; ") + names + (form.left_out.size() > 1 ? " are" : " is") +
            " not supported and left out";
  return text;
}

}  // namespace hansa::client
