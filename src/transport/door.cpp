#include "src/transport/door.hpp"

#include <algorithm>
#include <cstring>

#include "src/transport/peers.hpp"

namespace hansa::transport {
namespace {

// version, request id, domain, address, identity, mechanism, credentials
constexpr std::size_t request_parts = 7;

std::string key_in(const std::vector<std::string>& request) {
  TransportKey key;
  if (request.size() != request_parts || request[5] != "CURVE" || request[6].size() != key.bytes.size()) return {};
  std::memcpy(key.bytes.data(), request[6].data(), key.bytes.size());
  return z85_of(key);
}

}  // namespace

Door::Door(Reactor& reactor, std::function<bool(std::string_view)> admits)
    : reactor_(reactor), admits_(std::move(admits)), socket_(reactor.context, zmq::socket_type::rep) {
  socket_.set(zmq::sockopt::linger, 0);
  socket_.bind("inproc://zeromq.zap.01");
  fd_ = socket_.get(zmq::sockopt::fd);
  reactor_.poller.add(fd_, *this, Lane::control);
}

Door::~Door() {
  reactor_.poller.remove(fd_, *this);
}

bool Door::serve() {
  std::vector<std::string> request;
  while (read_request(request)) answer(request);
  return false;
}

bool Door::read_request(std::vector<std::string>& parts) {
  parts.clear();
  zmq::message_t part;
  do {
    if (!socket_.recv(part, zmq::recv_flags::dontwait)) return false;
    parts.push_back(part.to_string());
  } while (part.more());
  return true;
}

void Door::answer(const std::vector<std::string>& request) {
  const std::string key = key_in(request);
  const bool welcome = !key.empty() && admits_(key);
  const std::string id = request.size() > 1 ? request[1] : std::string();
  if (!welcome)
    reactor_.notice("refused a connection from " + (request.size() > 3 ? request[3] : std::string("?")) +
                    ": its transport key " + key + " is no known peer's");
  const std::array<std::string, 6> reply{
      "1.0", id, welcome ? "200" : "400", welcome ? "OK" : "unknown key", welcome ? key : std::string(), ""};
  for (std::size_t i = 0; i < reply.size(); ++i)
    socket_.send(zmq::buffer(reply[i]), i + 1 < reply.size() ? zmq::send_flags::sndmore : zmq::send_flags::none);
}

}  // namespace hansa::transport
