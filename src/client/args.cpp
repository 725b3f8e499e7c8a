#include "src/client/args.hpp"

#include <algorithm>

namespace hansa::client {
namespace {

class Parser {
 public:
  Parser(std::span<const Option> known, std::span<const std::string> arguments)
      : known_(known), arguments_(arguments) {}

  Result<Args> run(Words policy) {
    while (at_ < arguments_.size()) {
      const std::string_view word = arguments_[at_++];
      if (word == "--") {
        args_.after_dashes = args_.words.empty();
        take_rest();
      } else if (word.starts_with("--")) {
        if (auto read = read_long(word.substr(2)); !read) return read.error();
      } else if (word.size() > 1 && word.front() == '-') {
        if (auto read = read_letters(word.substr(1)); !read) return read.error();
      } else {
        args_.words.emplace_back(word);
        if (policy == Words::end_options) take_rest();
      }
    }
    return std::move(args_);
  }

 private:
  void take_rest() {
    args_.words.insert(args_.words.end(), arguments_.begin() + static_cast<std::ptrdiff_t>(at_), arguments_.end());
    at_ = arguments_.size();
  }

  Status read_long(std::string_view text) {
    const auto equals = text.find('=');
    const auto name = text.substr(0, equals);
    const auto option = std::find_if(known_.begin(), known_.end(), [&](const auto& o) { return o.name == name; });
    if (option == known_.end()) return usage_error("unknown option --" + std::string(name));
    if (equals != std::string_view::npos) {
      if (option->value.empty()) return usage_error("--" + std::string(name) + " takes no value");
      return keep(*option, text.substr(equals + 1));
    }
    return option->value.empty() ? keep(*option, "") : keep_next(*option, "--" + std::string(name));
  }

  Status read_letters(std::string_view text) {
    while (!text.empty()) {
      const char letter = text.front();
      text.remove_prefix(1);
      const auto option = std::find_if(known_.begin(), known_.end(), [&](const auto& o) { return o.letter == letter; });
      if (option == known_.end()) return usage_error("unknown option -" + std::string(1, letter));
      if (option->value.empty()) {
        keep_flag(*option);
        continue;
      }
      if (text.empty()) return keep_next(*option, "-" + std::string(1, letter));
      if (text.front() == '=') text.remove_prefix(1);
      return keep(*option, text);
    }
    return success();
  }

  void keep_flag(const Option& option) { args_.given.emplace_back(option.name, ""); }

  Status keep(const Option& option, std::string_view value) {
    args_.given.emplace_back(option.name, value);
    return success();
  }

  Status keep_next(const Option& option, const std::string& as_written) {
    if (at_ == arguments_.size())
      return usage_error(as_written + " needs a value: " + as_written + " " + std::string(option.value));
    return keep(option, arguments_[at_++]);
  }

  std::span<const Option> known_;
  std::span<const std::string> arguments_;
  std::size_t at_ = 0;
  Args args_;
};

}  // namespace

std::optional<std::string> Args::last(std::string_view name) const {
  const auto found = std::find_if(given.rbegin(), given.rend(), [&](const auto& item) { return item.first == name; });
  if (found == given.rend()) return std::nullopt;
  return found->second;
}

Result<Args> parse_args(std::span<const Option> known, std::span<const std::string> arguments, Words policy) {
  return Parser(known, arguments).run(policy);
}

}  // namespace hansa::client
