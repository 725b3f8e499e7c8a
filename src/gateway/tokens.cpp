#include "src/gateway/tokens.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <fstream>

#include "src/gateway/callers.hpp"
#include "src/gateway/listen.hpp"
#include "src/identity/key_text.hpp"
#include "src/identity/sodium.hpp"

namespace hansa {
namespace {

constexpr std::string_view token_mark = "hansa_";
constexpr std::size_t id_length = 8;
constexpr std::size_t tokens_max = 10'000;

std::string hash_text(const ContentHash& hash) {
  return to_hex(hash.bytes.data(), hash.bytes.size());
}

bool take_word(std::string_view& line, std::string_view& word) {
  const auto end = line.find('\t');
  word = line.substr(0, end);
  line = end == std::string_view::npos ? std::string_view{} : line.substr(end + 1);
  return !word.empty();
}

bool take_moment(std::string_view& line, WallTime& moment) {
  std::string_view word;
  if (!take_word(line, word)) return false;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), moment.unix_ms);
  return error == std::errc{} && end == word.data() + word.size();
}

std::string moment_text(WallTime at) {
  const auto seconds = static_cast<std::time_t>(at.unix_ms / 1000);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%d %H:%M UTC", &parts);
  return text;
}

Error cannot_keep(const std::string& path) {
  return internal_error("the tokens can't be kept in " + path + ": " + std::strerror(errno));
}

// Takes as long whatever differs.
bool same_hash(const ContentHash& a, const ContentHash& b) {
  std::uint8_t difference = 0;
  for (std::size_t i = 0; i < a.bytes.size(); ++i) difference |= a.bytes[i] ^ b.bytes[i];
  return difference == 0;
}

}  // namespace

std::string_view to_word(TokenRole role) {
  switch (role) {
    case TokenRole::reader:
      return "reader";
    case TokenRole::user:
      return "user";
    case TokenRole::operator_:
      return "operator";
  }
  return "reader";
}

std::optional<TokenRole> parse_role(std::string_view word) {
  for (const auto role : {TokenRole::reader, TokenRole::user, TokenRole::operator_}) {
    if (to_word(role) == word) return role;
  }
  return std::nullopt;
}

Caller caller_of(const Token& token) {
  return {.user = token.user,
          .is_operator = token.role == TokenRole::operator_,
          .reads_only = token.role == TokenRole::reader,
          .token = token.id};
}

std::string write_token(const Token& token) {
  return token.id + '\t' + std::string(to_word(token.role)) + '\t' + std::to_string(token.created.unix_ms) + '\t' +
         std::to_string(token.expires.unix_ms) + '\t' + hash_text(token.secret_hash) + '\t' + token.user + '\n';
}

std::optional<Token> read_token(std::string_view line) {
  Token token;
  std::string_view id;
  std::string_view role;
  std::string_view hash;
  if (!take_word(line, id) || !take_word(line, role)) return std::nullopt;
  if (!take_moment(line, token.created) || !take_moment(line, token.expires) || !take_word(line, hash)) {
    return std::nullopt;
  }
  const auto known = parse_role(role);
  const auto bytes = parse_key<ContentHash>(hash);
  const bool has_tab = line.find('\t') != std::string_view::npos;
  if (!known || !bytes || hash.size() != 64 || id.size() != id_length || line.empty() || has_tab) return std::nullopt;
  token.id = id;
  token.role = *known;
  token.secret_hash = *bytes;
  token.user = line;
  return token;
}

Result<std::unique_ptr<TokenBook>> TokenBook::open(std::string path, std::function<WallTime()> clock) {
  auto book = std::unique_ptr<TokenBook>(new TokenBook(std::move(path), std::move(clock)));
  if (auto loaded = book->load(); !loaded) return loaded.error();
  return book;
}

Status TokenBook::load() {
  struct stat about {};
  if (::stat(path_.c_str(), &about) != 0) return errno == ENOENT ? success() : Status(cannot_keep(path_));
  if ((about.st_mode & 077) != 0) {
    return refusal("the file of tokens " + path_ + " is open to others: run chmod 600 " + path_ +
                   ", and look whether somebody added one (hansa token list)");
  }
  std::ifstream file(path_, std::ios::binary);
  std::size_t row = 0;
  for (std::string line; std::getline(file, line);) {
    ++row;
    auto token = read_token(line);
    if (!token) {
      return corrupt(path_ + ":" + std::to_string(row) + ": this is no token; take the line away, and revoke nothing");
    }
    tokens_[token->id] = std::move(*token);
  }
  return success();
}

// Whole or not at all, whenever the machine stops.
Status TokenBook::save(const std::map<std::string, Token>& tokens) const {
  std::string text;
  for (const auto& [id, token] : tokens) text += write_token(token);
  const auto beside = path_ + ".new";
  ::unlink(beside.c_str());
  const gateway::Descriptor file(::open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file.open()) return cannot_keep(path_);
  const auto written = ::write(file.get(), text.data(), text.size());
  const bool whole = written == static_cast<ssize_t>(text.size()) && ::fsync(file.get()) == 0;
  if (!whole || ::rename(beside.c_str(), path_.c_str()) != 0) return cannot_keep(path_);
  return success();
}

Result<TokenBook::Created> TokenBook::create(const std::string& user, TokenRole role, Duration valid_for) {
  const std::lock_guard lock(mutex_);
  if (tokens_.size() >= tokens_max) return refusal("there are 10000 tokens already; revoke some");
  const auto now = clock_();
  Token token{.id = to_hex(random_key<BidId>()).substr(0, id_length),
              .user = user,
              .role = role,
              .created = now,
              .expires = {now.unix_ms + std::chrono::duration_cast<std::chrono::milliseconds>(valid_for).count()}};
  if (tokens_.contains(token.id)) return internal_error("the new token's id is taken; try again");
  const auto secret = random_token();
  token.secret_hash = content_hash(secret);
  auto tokens = tokens_;
  std::erase_if(tokens, [&](const auto& one) { return one.second.expires < now; });  // a good moment to forget them
  tokens[token.id] = token;
  if (auto saved = save(tokens); !saved) return saved.error();
  tokens_ = std::move(tokens);
  return Created{token, std::string(token_mark) + token.id + "_" + secret};
}

Status TokenBook::revoke(const std::string& id) {
  const std::lock_guard lock(mutex_);
  auto tokens = tokens_;
  if (tokens.erase(id) == 0)
    return not_found("there is no token " + id + "; hansa token list shows those that there are");
  if (auto saved = save(tokens); !saved) return saved;
  tokens_ = std::move(tokens);
  return success();
}

std::vector<Token> TokenBook::list() const {
  const std::lock_guard lock(mutex_);
  std::vector<Token> list;
  for (const auto& [id, token] : tokens_) list.push_back(token);
  return list;
}

Result<Token> TokenBook::find(std::string_view text) const {
  const auto unknown = [] { return refusal("this token is not known here; ask an operator for one"); };
  const auto mark = text.substr(0, token_mark.size());
  if (mark != token_mark || text.size() < token_mark.size() + id_length + 2) return unknown();
  const auto id = std::string(text.substr(token_mark.size(), id_length));
  const auto secret = text.substr(token_mark.size() + id_length + 1);
  const auto hash = content_hash(secret);
  const std::lock_guard lock(mutex_);
  const auto found = tokens_.find(id);
  if (found == tokens_.end() || !same_hash(found->second.secret_hash, hash)) return unknown();
  if (found->second.expires > clock_()) return found->second;
  return refusal("token " + id + " expired at " + moment_text(found->second.expires) + "; ask an operator for another");
}

}  // namespace hansa
