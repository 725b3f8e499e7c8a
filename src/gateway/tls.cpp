#include "src/gateway/tls.hpp"

#include <sys/stat.h>

#include <array>
#include <boost/asio/local/connect_pair.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <map>

namespace hansa::gateway {
namespace {

namespace tls = boost::asio::ssl;
using boost::asio::ip::tcp;
using boost::system::error_code;
using Inner = TlsPorter::Inner;

constexpr std::size_t connections_max = 2'048;
constexpr auto handshake_max = std::chrono::seconds(10);

// One connection: two directions, each a read followed by a write, until either side is done.
class Pump : public std::enable_shared_from_this<Pump> {
 public:
  Pump(boost::asio::io_context& loop, tcp::socket socket, tls::context& context, std::function<void()> gone)
      : outer_(std::move(socket), context), inner_(loop), other_end_(loop), timer_(loop), gone_(std::move(gone)) {}

  void start(std::function<void(Inner)> admit) {
    timer_.expires_after(handshake_max);
    timer_.async_wait([self = shared_from_this()](error_code error) {
      if (!error) self->close();
    });
    outer_.async_handshake(tls::stream_base::server,
                           [self = shared_from_this(), admit = std::move(admit)](error_code error) {
                             self->timer_.cancel();
                             if (error || !self->connect()) return self->close();
                             admit(std::move(self->other_end_));
                             self->bring_in();
                             self->bring_out();
                           });
  }

  void close() {
    if (closed_) return;
    closed_ = true;
    error_code ignored;
    timer_.cancel();
    inner_.close(ignored);
    outer_.lowest_layer().close(ignored);
    gone_();
  }

 private:
  bool connect() {
    error_code error;
    boost::asio::local::connect_pair(inner_, other_end_, error);
    return !error && !closed_;
  }

  void bring_in() {
    outer_.async_read_some(boost::asio::buffer(in_), [self = shared_from_this()](error_code error, std::size_t size) {
      if (error) return self->end_of_requests();
      boost::asio::async_write(self->inner_, boost::asio::buffer(self->in_, size),
                               [self](error_code failed, std::size_t) {
                                 if (failed) return self->close();
                                 self->bring_in();
                               });
    });
  }

  // The client sends no more; what it asked for is still answered.
  void end_of_requests() {
    error_code ignored;
    inner_.shutdown(Inner::shutdown_send, ignored);
  }

  void bring_out() {
    inner_.async_read_some(boost::asio::buffer(out_), [self = shared_from_this()](error_code error, std::size_t size) {
      if (error) return self->say_goodbye();
      boost::asio::async_write(self->outer_, boost::asio::buffer(self->out_, size),
                               [self](error_code failed, std::size_t) {
                                 if (failed) return self->close();
                                 self->bring_out();
                               });
    });
  }

  void say_goodbye() {
    if (closed_) return;
    timer_.expires_after(std::chrono::seconds(2));
    timer_.async_wait([self = shared_from_this()](error_code error) {
      if (!error) self->close();
    });
    outer_.async_shutdown([self = shared_from_this()](error_code) { self->close(); });
  }

  tls::stream<tcp::socket> outer_;
  Inner inner_;
  Inner other_end_;
  boost::asio::steady_timer timer_;
  std::function<void()> gone_;
  std::array<char, 16'384> in_{};
  std::array<char, 16'384> out_{};
  bool closed_ = false;
};

class Porter final : public TlsPorter {
 public:
  explicit Porter(boost::asio::io_context& loop) : loop_(loop) {}

  Status load(const std::string& certificate, const std::string& key) {
    error_code error;
    context_.set_options(tls::context::default_workarounds | tls::context::no_sslv2 | tls::context::no_sslv3 |
                         tls::context::no_tlsv1 | tls::context::no_tlsv1_1);
    context_.use_certificate_chain_file(certificate, error);
    if (error) return refusal("tls_certificate " + certificate + " can't be used: " + error.message());
    struct stat about {};
    if (::stat(key.c_str(), &about) == 0 && (about.st_mode & 077) != 0) {
      return refusal("tls_key " + key + " is a secret and open to others: run chmod 600 " + key);
    }
    context_.use_private_key_file(key, tls::context::pem, error);
    if (error) return refusal("tls_key " + key + " can't be used with its certificate: " + error.message());
    return success();
  }

  void take(tcp::socket socket, std::function<void(Inner)> admit) override {
    if (pumps_.size() >= connections_max) return;
    const auto id = ++last_;
    auto pump = std::make_shared<Pump>(loop_, std::move(socket), context_, [this, id] { pumps_.erase(id); });
    pumps_.emplace(id, pump);
    pump->start(std::move(admit));
  }

  void close_all() override {
    const auto open = pumps_;
    for (const auto& [id, pump] : open) {
      if (const auto living = pump.lock()) living->close();
    }
  }

 private:
  boost::asio::io_context& loop_;
  tls::context context_{tls::context::tls_server};
  std::map<std::uint64_t, std::weak_ptr<Pump>> pumps_;
  std::uint64_t last_ = 0;
};

}  // namespace

Result<std::unique_ptr<TlsPorter>> TlsPorter::make(boost::asio::io_context& loop, const std::string& certificate,
                                                   const std::string& key) {
  auto porter = std::make_unique<Porter>(loop);
  if (auto loaded = porter->load(certificate, key); !loaded) return loaded.error();
  return std::unique_ptr<TlsPorter>(std::move(porter));
}

}  // namespace hansa::gateway
