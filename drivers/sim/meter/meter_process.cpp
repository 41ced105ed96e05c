#include "drivers/sim/meter/meter_process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "drivers/sim/meter/link.h"
#include "drivers/sim/meter/link_messages.hpp"

namespace blondel::sim {

namespace asio = boost::asio;

namespace {

std::atomic<int> processes = 0;

[[noreturn]] void give_up(int error, const char* what) {
  throw std::system_error{error, std::generic_category(), what};
}

/// @param words  where its standard error goes; -1: nowhere
pid_t spawn(const std::string& host, const BuildFile& build, int link, int memory, int words) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  for (const int standard : {0, 1, 2})
    posix_spawn_file_actions_addopen(&actions, standard, "/dev/null", standard == 0 ? O_RDONLY : O_WRONLY, 0);
  if (words >= 0) posix_spawn_file_actions_adddup2(&actions, words, 2);
  posix_spawn_file_actions_adddup2(&actions, link, BLONDEL_LINK_SOCKET);
  posix_spawn_file_actions_adddup2(&actions, memory, BLONDEL_LINK_MEMORY);
  // A session of its own: Ctrl-C at the terminal is for the rig, which still needs the meters on its way down; and all
  // that a build may have started is one group, to be ended with it.
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID);
  std::string program = host, option = "--program", argument = build.path;
  char* of_program[] = {program.data(), option.data(), argument.data(), nullptr};
  char* of_object[] = {program.data(), argument.data(), nullptr};
  char** argv = build.kind == BuildKind::program ? of_program : of_object;
  char* envp[] = {nullptr};
  pid_t pid = -1;
  const int error = posix_spawn(&pid, host.c_str(), &actions, &attributes, argv, envp);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) give_up(error, "starting a meter's process");
  return pid;
}

std::string how_it_ended(int status) {
  // Programs have no host in them that could say which call it was.
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS)
    return "the build was ended by the kernel: it tried what no meter may do, such as to start a process or to signal "
           "others";
  if (WIFSIGNALED(status))
    return fmt::format("the build crashed with signal {} ({})", WTERMSIG(status), strsignal(WTERMSIG(status)));
  return fmt::format("the build ended its process with exit code {}", WEXITSTATUS(status));
}

/// The last lines of what a program told its standard error, on one line, for a cause: ": A | B". Bounded, and only
/// what every report can show.
std::string last_lines(std::string text) {
  constexpr int most_lines = 10;
  constexpr std::size_t most_letters = 600;
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  if (text.empty()) return {};
  auto from = text.size();
  for (int line = 0; line < most_lines && from != std::string::npos && from > 0; ++line)
    from = text.rfind('\n', from - 1);
  if (from != std::string::npos && from > 0) text.erase(0, from + 1);
  std::string shown;
  for (const char c : text) {
    const bool plain = c >= ' ' && c <= '~';
    // Indentation says nothing on one line.
    if (c == ' ' && shown.ends_with(' ')) continue;
    shown += c == '\n' ? " | " : std::string(1, plain ? c : '?');
  }
  if (shown.size() > most_letters) shown = "..." + shown.substr(shown.size() - most_letters);
  return ": " + shown;
}

// The host's own word for where its build hangs, if it still has one. Programs have no such host.
std::string where_it_hangs(int socket, pid_t pid, BuildKind kind) {
  constexpr int patience_ms = 200;
  if (kind != BuildKind::shared_object || kill(pid, SIGUSR1) != 0) return "the build hung";
  pollfd link{socket, POLLIN, 0};
  std::string message(BLONDEL_LINK_LONGEST, '\0');
  if (poll(&link, 1, patience_ms) != 1) return "the build hung";
  const auto length = recv(socket, message.data(), message.size(), MSG_DONTWAIT);
  message.resize(static_cast<std::size_t>(std::max<ssize_t>(length, 0)));
  return error_text(message).value_or("the build hung");
}

}  // namespace

bool meters_can_be_confined() {
  const std::uint32_t action = SECCOMP_RET_KILL_PROCESS;
  return syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0;
}

struct MeterProcess::State : std::enable_shared_from_this<State> {
  State(asio::io_context& io, int link, BuildKind what) : socket{io, link}, words{io}, guard{io}, kind{what} {}

  asio::posix::stream_descriptor socket;
  asio::posix::stream_descriptor words;  // a program's standard error; closed for a shared object
  std::string said;                      // the end of it
  asio::steady_timer guard;              // wall time: the only kind that foreign code can be held to
  asio::steady_timer::time_point give_up_at;
  std::string patience_in_words;
  bool guarded = false;  ///< the guard will ring
  BuildKind kind;
  pid_t pid = -1;
  bool unasked = false;  ///< a message was waiting before the question was put
  std::function<void(Answer)> answered;
  std::vector<char> buffer = std::vector<char>(BLONDEL_LINK_LONGEST + 1);

  void await() {
    socket.async_wait(asio::posix::stream_descriptor::wait_read,
                      [self = shared_from_this()](const boost::system::error_code& error) {
                        if (!error) self->readable();
                      });
  }

  // As it comes: a program whose pipe is full would stand still.
  void listen() {
    words.async_wait(asio::posix::stream_descriptor::wait_read,
                     [self = shared_from_this()](const boost::system::error_code& error) {
                       if (!error && self->take_words()) self->listen();
                     });
  }

  /// @returns false at the end.
  bool take_words() {
    if (!words.is_open()) return false;
    constexpr std::size_t most = 4096;
    std::array<char, most> some{};
    for (;;) {
      const auto length = read(words.native_handle(), some.data(), some.size());
      if (length <= 0) return length < 0 && (errno == EAGAIN || errno == EINTR);
      said.append(some.data(), static_cast<std::size_t>(length));
      if (said.size() > most) said.erase(0, said.size() - most);
    }
  }

  std::string last_words() {
    take_words();
    return last_lines(said);
  }

  void readable() {
    if (!answered) return;
    const auto length = recv(socket.native_handle(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (length < 0 && (errno == EAGAIN || errno == EINTR)) return await();
    if (length == 0 && !closed()) return answer(tl::unexpected<std::string>{"garbage on the link: an empty message"});
    if (length <= 0) return answer(tl::unexpected<std::string>{end()});
    const std::string message{buffer.data(), static_cast<std::size_t>(length)};
    if (unasked && !error_text(message))
      return answer(tl::unexpected<std::string>{"garbage on the link: the meter spoke before it was asked"});
    if (length > BLONDEL_LINK_LONGEST) return answer(tl::unexpected<std::string>{"garbage on the link: too long"});
    answer(message);
  }

  // Nothing to read can mean a message of no length, or that the other end is closed.
  bool closed() {
    pollfd link{socket.native_handle(), POLLIN | POLLRDHUP, 0};
    return poll(&link, 1, 0) == 1 && (link.revents & (POLLRDHUP | POLLHUP)) != 0;
  }

  void answer(Answer what) {
    // The receiver may ask the next thing, or end this process.
    const auto receiver = std::exchange(answered, {});
    if (receiver) receiver(std::move(what));
  }

  /// @param since  from when it counts, in words
  void give_up_after(std::chrono::milliseconds patience, const char* since) {
    give_up_at = asio::steady_timer::clock_type::now() + patience;
    patience_in_words = fmt::format("{} ms of wall time{}", patience.count(), since);
    // A guard that rings too early looks again: it need not be set anew for every answer.
    if (!guarded || give_up_at < guard.expiry()) watch();
  }

  void watch() {
    guarded = true;
    guard.expires_at(give_up_at);
    guard.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
      if (error) return;
      self->guarded = false;
      if (!self->answered) return;
      if (asio::steady_timer::clock_type::now() < self->give_up_at) return self->watch();
      const auto where = where_it_hangs(self->socket.native_handle(), self->pid, self->kind);
      self->reap();
      self->answer(tl::unexpected<std::string>{
          fmt::format("{}: no answer within {}; it was killed{}", where, self->patience_in_words, self->last_words())});
    });
  }

  // The link is closed: the process is about to end, unless it means to live on without its link.
  std::string end() {
    const int process = static_cast<int>(syscall(SYS_pidfd_open, pid, 0));
    pollfd ended{process, POLLIN, 0};
    const bool by_itself = process >= 0 && poll(&ended, 1, 1000) == 1;
    if (process >= 0) close(process);
    const int status = reap();
    return (by_itself ? how_it_ended(status) : "the build closed its link and went on running; it was killed") +
           last_words();
  }

  int reap() {
    if (pid < 0) return 0;
    int status = 0;
    // All that the process has started, as long as its number is still taken.
    kill(-pid, SIGKILL);
    kill(pid, SIGKILL);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    pid = -1;
    return status;
  }
};

MeterProcess::MeterProcess(asio::io_context& io, const std::string& host, const BuildFile& build, int memory) {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) give_up(errno, "the link of a meter's process");
  // Out of the way of the numbers they shall have in the process.
  const int link = fcntl(ends[1], F_DUPFD_CLOEXEC, 16);
  const int shared = fcntl(memory, F_DUPFD_CLOEXEC, 16);
  close(ends[1]);
  state_ = std::make_shared<State>(io, ends[0], build.kind);
  int words[2] = {-1, -1};
  if (build.kind == BuildKind::program && pipe2(words, O_CLOEXEC) == 0) {
    fcntl(words[0], F_SETFL, O_NONBLOCK);
    state_->words.assign(words[0]);
  }
  const auto put_away = [&] {
    if (words[1] >= 0) close(words[1]);
    if (link >= 0) close(link);
    if (shared >= 0) close(shared);
  };
  try {
    if (link < 0 || shared < 0) give_up(errno, "descriptors of a meter's process");
    state_->pid = spawn(host, build, link, shared, words[1]);
  } catch (...) {
    put_away();
    throw;
  }
  put_away();
  ++processes;
  if (state_->words.is_open()) state_->listen();
}

MeterProcess::~MeterProcess() {
  --processes;
  state_->answered = {};
  boost::system::error_code ignored;
  state_->guard.cancel();
  if (state_->pid >= 0) {
    tell(encode_stop());
    state_->reap();
  }
  state_->socket.close(ignored);
  state_->words.close(ignored);
}

void MeterProcess::exchange(const std::string& message, std::chrono::milliseconds guard,
                            std::function<void(Answer)> answered) {
  state_->answered = std::move(answered);
  pollfd early{state_->socket.native_handle(), POLLIN, 0};
  const bool spoken = !message.empty() && poll(&early, 1, 0) == 1 && (early.revents & POLLHUP) == 0;
  // A failure to send means that the process is gone; its end is read next.
  if (!message.empty()) tell(message);
  state_->unasked = spoken;
  state_->give_up_after(guard, "");
  state_->await();
}

void MeterProcess::shorten_guard(std::chrono::milliseconds guard) {
  if (state_->answered) state_->give_up_after(guard, " after the stop");
}

void MeterProcess::tell(const std::string& message) {
  (void)!send(state_->socket.native_handle(), message.data(), message.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
}

int MeterProcess::alive() {
  return processes;
}

int MeterProcess::pid() const {
  return state_->pid;
}

}  // namespace blondel::sim
