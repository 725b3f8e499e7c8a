// TransportNetwork: some sites that talk over one kind of transport, so that one suite tests every kind.
#pragma once

#include <array>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "hansa/ports/transport.hpp"

namespace hansa::test {

// Writes down what a transport says, and can hold its thread up at the next frame.
class Recorder : public TransportHandler {
 public:
  struct Entry {
    enum Kind { frame, up, down } kind;
    SiteName peer;
    Lane lane;
    std::string text;
  };

  void on_frame(const SiteName& from, Lane lane, std::string_view frame) override;
  void on_link(const SiteName& peer, Lane lane, bool up) override;

  std::vector<Entry> entries() const;
  // The frames from one peer, in the order in which they came.
  std::vector<std::string> frames(const SiteName& from, Lane lane = Lane::control) const;
  bool is_up(const SiteName& peer, Lane lane = Lane::control) const;
  std::size_t count(Entry::Kind kind) const;
  bool has(const std::string& frame) const;

  // While held up, the next frame does not return.
  void hold_up();
  void let_go();

 private:
  mutable std::mutex mutex_;
  std::condition_variable released_;
  bool held_up_ = false;
  std::vector<Entry> entries_;
  std::array<std::size_t, 3> counts_{};  // by kind
};

class TransportNetwork {
 public:
  virtual ~TransportNetwork() = default;

  // Starts a site, again with the same key and endpoints when it has run before. Keys are ordered as names are.
  virtual Transport& start(const std::string& site) = 0;
  virtual Transport& start_dialling_out_only(const std::string& site) = 0;
  // Starts somebody who calls himself `site` and holds another key.
  virtual Transport& start_impostor(const std::string& site) = 0;
  virtual void stop(const std::string& site) = 0;

  virtual Transport& at(const std::string& site) = 0;
  virtual PeerAddress address_of(const std::string& site) = 0;
  // Lets the network work until this is so; false when it never is.
  virtual bool until(const std::function<bool()>& condition) = 0;
  // Whether a reader that is held up holds its network up as well (a network without threads can't wait for it).
  virtual bool has_threads() const = 0;

  Recorder& heard_by(const std::string& site) { return recorders_[site]; }
  void introduce(const std::string& site, const std::vector<std::string>& peers) {
    std::vector<PeerAddress> addresses;
    for (const auto& peer : peers) addresses.push_back(address_of(peer));
    at(site).set_peers(std::move(addresses));
  }
  // Everybody knows everybody, and all links are up.
  bool connect(const std::vector<std::string>& sites) {
    for (const auto& site : sites) introduce(site, sites);
    return until([&] { return all_up(sites); });
  }
  bool all_up(const std::vector<std::string>& sites) {
    for (const auto& site : sites)
      for (const auto& peer : sites)
        for (const Lane lane : {Lane::control, Lane::bulk})
          if (site != peer && !heard_by(site).is_up({peer}, lane)) return false;
    return true;
  }

 private:
  std::map<std::string, Recorder> recorders_;
};

std::unique_ptr<TransportNetwork> loopback_network();
std::unique_ptr<TransportNetwork> zmq_network();

}  // namespace hansa::test
