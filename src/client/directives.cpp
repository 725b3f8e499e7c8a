#include "src/client/directives.hpp"

namespace hansa::client {
namespace {

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r';
}

// Behind "#SBATCH" must come a blank: "#SBATCHED" is a comment like any other.
bool starts_directive(std::string_view line, std::string_view word) {
  return line.starts_with(word) && (line.size() == word.size() || is_blank(line[word.size()]));
}

Status add_line(std::string_view line, std::size_t number, std::vector<DirectiveLine>& into) {
  auto words = split_words(line);
  if (!words) return words.error();
  into.push_back({number, std::move(*words)});
  return success();
}

}  // namespace

Result<std::vector<std::string>> split_words(std::string_view line) {
  std::vector<std::string> words;
  std::string word;
  bool in_word = false;
  char quote = 0;
  for (const char c : line) {
    if (quote != 0) {
      if (c == quote) {
        quote = 0;
      } else {
        word += c;
      }
    } else if (c == '\'' || c == '"') {
      quote = c;
      in_word = true;
    } else if (is_blank(c)) {
      if (in_word) words.push_back(std::exchange(word, {}));
      in_word = false;
    } else if (c == '#' && !in_word) {
      return words;
    } else {
      word += c;
      in_word = true;
    }
  }
  if (quote != 0) return usage_error("a quote is not closed");
  if (in_word) words.push_back(word);
  return words;
}

Error at_line(const std::string& script, std::size_t number, const Error& error) {
  return {error.kind, script + ", line " + std::to_string(number) + ": " + error.text};
}

Result<Directives> read_directives(std::string_view text, const std::string& script) {
  constexpr std::string_view sbatch = "#SBATCH";
  constexpr std::string_view hansa = "#HANSA";
  Directives directives;
  std::size_t number = 0;
  while (!text.empty()) {
    const auto end = text.find('\n');
    const auto line = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
    ++number;
    Status added = success();
    if (starts_directive(line, sbatch)) {
      added = add_line(line.substr(sbatch.size()), number, directives.sbatch);
    } else if (starts_directive(line, hansa)) {
      added = add_line(line.substr(hansa.size()), number, directives.hansa);
    } else if (!line.starts_with('#') && line.find_first_not_of(" \t\r") != std::string_view::npos) {
      break;
    }
    if (!added) return at_line(script, number, added.error());
  }
  return directives;
}

}  // namespace hansa::client
