// Tokens: who may use the API over TCP, as whom, and until when.
//
// A token is an id, which may be known, and a secret of 256 random bits, which is shown once. The file keeps only the
// secret's hash: whoever reads it can use none of them. A hash without salt or stretching is enough for a secret that
// nobody chose. Any thread.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hansa/api.hpp"
#include "hansa/types/crypto.hpp"

namespace hansa {

enum class TokenRole : std::uint8_t { reader, user, operator_ };
std::string_view to_word(TokenRole role);  // "operator"
std::optional<TokenRole> parse_role(std::string_view word);

struct Token {
  std::string id;
  std::string user;
  TokenRole role = TokenRole::user;
  WallTime created;
  WallTime expires;
  ContentHash secret_hash;

  bool operator==(const Token&) const = default;
};

class TokenBook {
 public:
  // The file is made with the first token. One that others can read is refused, as is one that makes no sense.
  static Result<std::unique_ptr<TokenBook>> open(std::string path, std::function<WallTime()> clock);

  struct Created {
    Token token;
    std::string text;  // shown once: what goes into $HANSA_TOKEN
  };
  // On disk when it returns.
  Result<Created> create(const std::string& user, TokenRole role, Duration valid_for);
  Status revoke(const std::string& id);
  std::vector<Token> list() const;

  // Whose token this is; one sentence when it is nobody's, or expired.
  Result<Token> find(std::string_view text) const;

 private:
  TokenBook(std::string path, std::function<WallTime()> clock) : path_(std::move(path)), clock_(std::move(clock)) {}
  Status load();
  Status save(const std::map<std::string, Token>& tokens) const;

  std::string path_;
  std::function<WallTime()> clock_;
  mutable std::mutex mutex_;
  std::map<std::string, Token> tokens_;
};

// A line of the file; any bytes give a token or nothing.
std::string write_token(const Token& token);
std::optional<Token> read_token(std::string_view line);

Caller caller_of(const Token& token);

}  // namespace hansa
