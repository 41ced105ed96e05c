#include "drivers/modbus/library_socket.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <cerrno>
#include <cstring>
#include <mutex>
#include <stdexcept>

#include "references/error.hpp"

namespace blondel {

namespace asio = boost::asio;

struct LibrarySocket::Pair {
  explicit Pair(asio::io_context& io) : rig{io} {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
      throw Failure{Fault::unreachable, "modbus", std::string{"no socket pair: "} + std::strerror(errno)};
    library = ends[0];
    rig.assign(asio::local::stream_protocol(), ends[1]);
  }
  ~Pair() { ::close(library); }
  int library = -1;
  asio::local::stream_protocol::socket rig;
  std::array<char, 512> buffer{};
};

struct LibrarySocket::Core : std::enable_shared_from_this<Core> {
  enum class State { idle, asking, asked, waiting, reading, ending, raw };

  Core(Clock& c, Order o, std::function<Time(const std::string&)> f) : clock{c}, order{o}, on_request{std::move(f)} {}

  void read_requests(const std::shared_ptr<Pair>& from) {
    from->rig.async_read_some(asio::buffer(from->buffer),
                              [self = shared_from_this(), from](const boost::system::error_code& error, std::size_t n) {
                                if (error || self->pair != from) return;
                                self->requested(std::string{from->buffer.data(), n});
                                self->read_requests(from);
                              });
  }

  void requested(std::string bytes) {
    if (state != State::asking) return;
    state = State::asked;
    // The line hears of it in the order of positions, whichever worker was faster.
    take_work().finish([self = shared_from_this(), bytes = std::move(bytes)] {
      if (self->state != State::asked) return;
      self->state = State::waiting;
      self->send(bytes);
    });
  }

  void send(const std::string& bytes) {
    transcript.request = bytes;
    transcript.request_over = clock.now();
    if (on_request) transcript.request_over = on_request(bytes);
  }

  /// What nobody asked for is told to whoever asks next; a line that never falls silent shall not fill the memory.
  void keep_unasked(const std::string& bytes) {
    if (record && !std::exchange(noted_late, true)) ++record->late;
    if (unasked.size() < 4096) unasked += bytes;
  }

  void begin_transcript() {
    transcript = Transcript{};
    transcript.unasked = std::exchange(unasked, {});
  }

  void hold_work() {
    Work fresh = clock.begin_work(order, "modbus call " + what);
    const std::lock_guard lock{mutex};
    work = std::move(fresh);
  }

  Work take_work() {
    const std::lock_guard lock{mutex};
    return std::move(work);
  }

  void end() {
    if (state == State::idle || state == State::ending) return;
    if (state == State::raw) {
      gone = true;
      return;
    }
    if (state == State::asked || state == State::waiting) hold_work();
    state = State::ending;
    shut = true;
    boost::system::error_code ignored;
    pair->rig.shutdown(asio::socket_base::shutdown_both, ignored);
  }

  Clock& clock;
  Order order;
  std::function<Time(const std::string&)> on_request;
  std::string what;
  Time deadline = never;
  State state = State::idle;
  bool shut = true;
  bool gone = false;  // during a raw call
  Transcript transcript;
  std::string unasked;
  std::shared_ptr<LinkRecord> record;  // of the last call
  bool noted_late = false;
  std::shared_ptr<Pair> pair;
  std::mutex mutex;  // guards work: a call ends on the worker's thread
  Work work;
};

LibrarySocket::LibrarySocket(Clock& clock, Order order, std::function<Time(const std::string&)> on_request)
    : core_{std::make_shared<Core>(clock, order, std::move(on_request))},
      deadline_changed_{clock, "deadline of a modbus call", order},
      heard_{clock, "bytes of a raw modbus call", order},
      background_{clock} {
  background_.spawn(watch_deadline());
}

LibrarySocket::~LibrarySocket() {
  // Handlers and deliveries that are still queued keep the core, and find nobody to tell.
  detach();
  core_->take_work();
  if (core_->pair) {
    boost::system::error_code ignored;
    core_->pair->rig.close(ignored);
  }
  core_->pair.reset();
}

int LibrarySocket::descriptor() const {
  return core_->pair ? core_->pair->library : -1;
}

void LibrarySocket::record_into(std::shared_ptr<LinkRecord> record) {
  core_->record = std::move(record);
  core_->noted_late = false;
}

void LibrarySocket::call_begins(const std::string& what, Time deadline) {
  auto& core = *core_;
  if (core.state != Core::State::idle) throw std::logic_error{"two modbus calls at once on one line: " + what};
  if (core.shut) {
    if (core.pair) {
      boost::system::error_code ignored;
      core.pair->rig.close(ignored);
    }
    core.pair = std::make_shared<Pair>(core.clock.io());
    core.shut = false;
    core.read_requests(core.pair);
  } else {
    std::array<char, 512> stale;
    while (::recv(core.pair->library, stale.data(), stale.size(), MSG_DONTWAIT) > 0) {
    }
  }
  core.begin_transcript();
  core.what = what;
  core.deadline = deadline;
  core.hold_work();
  core.state = Core::State::asking;
  deadline_changed_.set();
}

bool LibrarySocket::answer(const std::string& bytes) {
  auto& core = *core_;
  if (core.state == Core::State::raw) {
    core.transcript.heard.push_back({core.clock.now(), bytes});
    heard_.set();
    return true;
  }
  if (core.state == Core::State::waiting) {
    core.hold_work();
    core.state = Core::State::reading;
  } else if (core.state != Core::State::reading) {
    core.keep_unasked(bytes);
    return false;
  }
  core.transcript.heard.push_back({core.clock.now(), bytes});
  // All at once: the library then never finds a gap that the wire did not have.
  return ::send(core.pair->rig.native_handle(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT) ==
         static_cast<ssize_t>(bytes.size());
}

void LibrarySocket::detach() {
  core_->on_request = nullptr;
}

void LibrarySocket::end_call() {
  core_->end();
  if (core_->gone) heard_.set();
}

void LibrarySocket::raw_begins(const std::string& bytes) {
  auto& core = *core_;
  if (core.state != Core::State::idle) throw std::logic_error{"two modbus calls at once on one line"};
  core.begin_transcript();
  core.gone = false;
  core.state = Core::State::raw;
  core.send(bytes);
}

Task<bool> LibrarySocket::heard(Time deadline) {
  const auto core = core_;
  const bool more = core->gone || co_await heard_.wait_until(deadline);
  if (core->gone) throw Failure{Fault::unreachable, "modbus", "the line is gone"};
  co_return more;
}

void LibrarySocket::raw_ended() {
  core_->state = Core::State::idle;
  core_->gone = false;
}

const Transcript& LibrarySocket::transcript() const {
  return core_->transcript;
}

void LibrarySocket::call_ended(std::function<void()> deliver) {
  auto work = core_->take_work();
  if (!work) work = core_->clock.begin_work(core_->order, "end of a modbus call");
  work.finish([core = core_, deliver = std::move(deliver)] {
    core->state = Core::State::idle;
    core->deadline = never;
    deliver();
  });
}

Task<void> LibrarySocket::watch_deadline() {
  for (;;) {
    const bool changed = co_await deadline_changed_.wait_until(core_->deadline);
    if (!changed && core_->clock.now() >= core_->deadline) {
      core_->deadline = never;
      core_->end();
    }
  }
}

}  // namespace blondel
