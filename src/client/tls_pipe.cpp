#include "src/client/tls_pipe.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>

namespace hansa::client {
namespace {

constexpr long handshake_s_max = 10;

struct Freed {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  void operator()(SSL* tls) const { SSL_free(tls); }
  void operator()(addrinfo* list) const { freeaddrinfo(list); }
};
using Context = std::unique_ptr<SSL_CTX, Freed>;
using Tls = std::unique_ptr<SSL, Freed>;

std::string last_tls_error() {
  const auto code = ERR_peek_error();
  const auto* text = ERR_reason_error_string(code);
  return text != nullptr ? text : "the connection broke off";
}

bool is_numeric(const std::string& host) {
  in6_addr probe{};
  return inet_pton(AF_INET, host.c_str(), &probe) == 1 || inet_pton(AF_INET6, host.c_str(), &probe) == 1;
}

// A connected socket, or -1 with `why`.
int dial(const TlsTarget& target, std::string& why) {
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (const int error = getaddrinfo(target.host.c_str(), target.port.c_str(), &wanted, &found); error != 0) {
    why = gai_strerror(error);
    return -1;
  }
  const std::unique_ptr<addrinfo, Freed> list(found);
  for (const auto* each = list.get(); each != nullptr; each = each->ai_next) {
    const int fd = socket(each->ai_family, each->ai_socktype | SOCK_CLOEXEC, each->ai_protocol);
    const timeval patience{.tv_sec = handshake_s_max, .tv_usec = 0};
    const int yes = 1;
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    if (fd >= 0 && connect(fd, each->ai_addr, each->ai_addrlen) == 0) return fd;
    why = errno == EINPROGRESS ? "it did not answer in time" : std::strerror(errno);
    if (fd >= 0) close(fd);
  }
  return -1;
}

Context make_context(const TlsTarget& target, std::string& why) {
  Context context(SSL_CTX_new(TLS_client_method()));
  if (!context) return why = last_tls_error(), nullptr;
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_mode(context.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  if (target.ca_file.empty()) {
    SSL_CTX_set_default_verify_paths(context.get());
  } else if (SSL_CTX_load_verify_file(context.get(), target.ca_file.c_str()) != 1) {
    why = "HANSA_CA_FILE " + target.ca_file + " can't be read as certificates in PEM";
    return nullptr;
  }
  return context;
}

std::string why_no_handshake(SSL* tls) {
  const auto verified = SSL_get_verify_result(tls);
  if (verified == X509_V_ERR_HOSTNAME_MISMATCH || verified == X509_V_ERR_IP_ADDRESS_MISMATCH)
    return "its certificate is for another name";
  if (verified != X509_V_OK) {
    return std::string("its certificate is not trusted: ") + X509_verify_cert_error_string(verified) +
           "; name who signed it with HANSA_CA_FILE";
  }
  if (errno == EAGAIN) return "it did not shake hands in time; does it speak TLS?";
  return "no TLS was agreed on: " + last_tls_error();
}

// Shaken hands with whom was meant, or null with `why`.
Tls shake_hands(SSL_CTX* context, const TlsTarget& target, int fd, std::string& why) {
  Tls tls(SSL_new(context));
  if (!tls) return why = last_tls_error(), nullptr;
  auto* checks = SSL_get0_param(tls.get());
  if (is_numeric(target.host)) {
    X509_VERIFY_PARAM_set1_ip_asc(checks, target.host.c_str());
  } else {
    X509_VERIFY_PARAM_set1_host(checks, target.host.c_str(), 0);
    SSL_set_tlsext_host_name(tls.get(), target.host.c_str());
  }
  SSL_set_fd(tls.get(), fd);
  errno = 0;
  if (SSL_connect(tls.get()) == 1) return tls;
  why = why_no_handshake(tls.get());
  return nullptr;
}

// Both directions on one thread. Each has one buffer: what is in it must leave before more is read.
class Carrier {
 public:
  Carrier(SSL* tls, int outer, int inner) : tls_(tls), outer_(outer), inner_(inner) {
    for (const int fd : {outer, inner}) fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
  }

  void run() {
    while (!done_) {
      outer_events_ = 0;
      bool moved = false;
      moved |= take_in();
      moved |= hand_in();
      moved |= take_out();
      moved |= hand_out();
      if (moved || done_) continue;
      wait();
    }
    SSL_shutdown(tls_);
  }

 private:
  struct Buffer {
    std::array<char, 16'384> bytes;
    std::size_t begin = 0;
    std::size_t end = 0;
    bool empty() const { return begin == end; }
    void filled(long size) { begin = 0, end = static_cast<std::size_t>(size); }
  };

  // True when the call did something; otherwise it will when the socket is as TLS wants it.
  bool judge(int result) {
    if (result > 0) return true;
    const int error = SSL_get_error(tls_, result);
    if (error == SSL_ERROR_WANT_READ) {
      outer_events_ |= POLLIN;
    } else if (error == SSL_ERROR_WANT_WRITE) {
      outer_events_ |= POLLOUT;
    } else {
      outer_ended_ = true;
    }
    return false;
  }

  bool take_in() {
    if (!in_.empty() || outer_ended_) return false;
    const int got = SSL_read(tls_, in_.bytes.data(), static_cast<int>(in_.bytes.size()));
    if (!judge(got)) {
      done_ = outer_ended_;  // all that came was handed in
      return false;
    }
    in_.filled(got);
    return true;
  }

  bool hand_in() {
    if (in_.empty()) return false;
    const auto sent = send(inner_, in_.bytes.data() + in_.begin, in_.end - in_.begin, MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN && errno != EINTR) done_ = true;
    if (sent > 0) in_.begin += static_cast<std::size_t>(sent);
    return sent > 0;
  }

  bool take_out() {
    if (!out_.empty()) return false;
    const auto got = recv(inner_, out_.bytes.data(), out_.bytes.size(), 0);
    if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) done_ = true;
    if (got > 0) out_.filled(got);
    return got > 0;
  }

  bool hand_out() {
    if (out_.empty() || outer_ended_) return false;
    const int sent = SSL_write(tls_, out_.bytes.data() + out_.begin, static_cast<int>(out_.end - out_.begin));
    if (!judge(sent)) {
      if (outer_ended_) out_.filled(0);  // an answer may have come before
      return false;
    }
    out_.begin += static_cast<std::size_t>(sent);
    return true;
  }

  void wait() const {
    const short inner_events = static_cast<short>((in_.empty() ? 0 : POLLOUT) | (out_.empty() ? POLLIN : 0));
    pollfd both[] = {{.fd = outer_, .events = outer_events_, .revents = 0},
                     {.fd = inner_, .events = inner_events, .revents = 0}};
    poll(both, 2, -1);
  }

  SSL* tls_;
  int outer_;
  int inner_;
  Buffer in_{};
  Buffer out_{};
  short outer_events_ = 0;
  bool outer_ended_ = false;
  bool done_ = false;
};

void tell(int inner, const std::string& line) {
  const auto text = line + "\n";
  [[maybe_unused]] const auto sent = send(inner, text.data(), text.size(), MSG_NOSIGNAL);
}

}  // namespace

bool carry_tls(const TlsTarget& target, int inner) {
  std::string why;
  const auto context = make_context(target, why);
  const int outer = context ? dial(target, why) : -1;
  const auto tls = outer >= 0 ? shake_hands(context.get(), target, outer, why) : nullptr;
  tell(inner, tls ? "ok" : why);
  if (tls) Carrier(tls.get(), outer, inner).run();
  if (outer >= 0) close(outer);
  return tls != nullptr;
}

}  // namespace hansa::client
