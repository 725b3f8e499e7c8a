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

Status add_words(std::string_view line, std::size_t number, std::vector<std::string>& into) {
  auto words = split_words(line);
  if (!words) return usage_error("line " + std::to_string(number) + " of the script: " + words.error().text);
  into.insert(into.end(), words->begin(), words->end());
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

Result<Directives> read_directives(std::string_view script) {
  constexpr std::string_view sbatch = "#SBATCH";
  constexpr std::string_view hansa = "#HANSA";
  Directives directives;
  std::size_t number = 0;
  while (!script.empty()) {
    const auto end = script.find('\n');
    const auto line = script.substr(0, end);
    script = end == std::string_view::npos ? std::string_view{} : script.substr(end + 1);
    ++number;
    Status added = success();
    if (starts_directive(line, sbatch)) {
      added = add_words(line.substr(sbatch.size()), number, directives.sbatch);
    } else if (starts_directive(line, hansa)) {
      added = add_words(line.substr(hansa.size()), number, directives.hansa);
    } else if (!line.starts_with('#') && line.find_first_not_of(" \t\r") != std::string_view::npos) {
      break;
    }
    if (!added) return added.error();
  }
  return directives;
}

}  // namespace hansa::client
