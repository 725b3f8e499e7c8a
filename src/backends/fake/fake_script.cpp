#include "src/backends/fake/fake_script.hpp"

#include <cmath>
#include <cstdlib>
#include <sstream>
#include <vector>

namespace hansa {
namespace {

std::vector<std::string> commands_of(const JobPayload& payload) {
  std::string text = payload.script;
  if (text.empty()) {
    for (const auto& argument : payload.arguments) text += argument + " ";
  }
  for (auto& c : text)
    if (c == ';') c = '\n';
  std::vector<std::string> commands;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);)
    if (!line.empty() && line.front() != '#') commands.push_back(line);
  return commands;
}

std::vector<std::string> words_of(const std::string& command) {
  std::istringstream in(command);
  std::vector<std::string> words;
  for (std::string word; in >> word;) words.push_back(word);
  return words;
}

void echo(const std::vector<std::string>& words, FakeScript& script) {
  const bool to_error = words.back() == ">&2";
  std::string line;
  for (std::size_t i = 1; i < words.size() - (to_error ? 1 : 0); ++i) line += (i > 1 ? " " : "") + words[i];
  (to_error ? script.error_output : script.output) += line + "\n";
}

// Whether the script goes on after it.
bool run_command(const std::vector<std::string>& words, FakeScript& script) {
  const auto number = words.size() > 1 ? std::strtod(words[1].c_str(), nullptr) : 0.0;
  script.exit = {.code = words[0] == "false" ? 1 : 0};
  if (words[0] == "echo") echo(words, script);
  if (words[0] == "sleep") script.duration += Duration(std::llround(number * 1e6));
  if (words[0] == "trap" && words.back() == "TERM") script.ignores_term = true;
  if (words[0] == "exit") {
    script.exit.code = static_cast<int>(number) & 255;
    return false;
  }
  if (words[0] == "kill" && words.back() == "$$") {
    script.exit.signal = static_cast<int>(-number);
    script.exit.code = 128 + script.exit.signal;
    return false;
  }
  return true;
}

}  // namespace

FakeScript read_fake_script(const JobPayload& payload) {
  FakeScript script;
  for (const auto& command : commands_of(payload)) {
    const auto words = words_of(command);
    if (!words.empty() && !run_command(words, script)) break;
  }
  return script;
}

}  // namespace hansa
