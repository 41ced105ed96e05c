#include "rig/child_processes.hpp"

#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "references/error.hpp"

namespace blondel {

namespace {

constexpr int stop_signals[] = {SIGINT, SIGTERM, SIGHUP};

int collected(pid_t pid, int& status, int options) {
  int found = 0;
  while ((found = ::waitpid(pid, &status, options)) < 0 && errno == EINTR) {
  }
  return found;
}

}  // namespace

ChildProcesses::ChildProcesses() {
  ::sigemptyset(&stops_);
  for (const int signal : stop_signals) {
    // Who starts us with nohup wants no end by SIGHUP; a blocked signal would be heard all the same.
    struct sigaction now {};
    ::sigaction(signal, nullptr, &now);
    if (now.sa_handler != SIG_IGN) ::sigaddset(&stops_, signal);
  }
  signals_ = stops_;
  ::sigaddset(&signals_, SIGCHLD);
  // Ignored by whoever started us, it would leave nothing to wait for.
  std::signal(SIGCHLD, SIG_DFL);
  // Blocked and asked for: a signal between a look and a wait is not lost.
  ::sigprocmask(SIG_BLOCK, &signals_, &before_);
}

ChildProcesses::~ChildProcesses() {
  end_all();
  const timespec at_once{};
  while (::sigtimedwait(&signals_, nullptr, &at_once) > 0) {
  }
  ::sigprocmask(SIG_SETMASK, &before_, nullptr);
}

void ChildProcesses::start(std::size_t job, const std::function<void()>& work) {
  const pid_t parent = ::getpid();
  // What is still in the buffers would be written by the child once more.
  std::fflush(nullptr);
  const pid_t pid = ::fork();
  if (pid < 0) throw Failure{Fault::storage, "qualify", std::string{"no process: "} + std::strerror(errno)};
  if (pid == 0) {
    ::setpgid(0, 0);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(1);  // it ended before it could be told so
    ::sigprocmask(SIG_SETMASK, &before_, nullptr);
    work();
    ::_exit(0);
  }
  ::setpgid(pid, pid);  // whoever of the two is first
  running_.emplace(pid, job);
}

std::optional<ChildProcesses::Ended> ChildProcesses::ended_already() {
  for (const auto& [pid, job] : running_) {
    int status = 0;
    if (collected(pid, status, WNOHANG) != pid) continue;
    const Ended ended{job, status};
    running_.erase(pid);
    return ended;
  }
  return std::nullopt;
}

std::optional<ChildProcesses::Ended> ChildProcesses::next() {
  while (!running_.empty() && !stop_asked()) {
    if (auto ended = ended_already()) return ended;
    const int signal = ::sigwaitinfo(&signals_, nullptr);
    if (signal < 0 || signal == SIGCHLD) continue;
    stopped_ = true;
    end_all();
  }
  return std::nullopt;
}

bool ChildProcesses::stop_asked() {
  if (stopped_) return true;
  const timespec at_once{};
  if (::sigtimedwait(&stops_, nullptr, &at_once) <= 0) return false;
  stopped_ = true;
  end_all();
  return true;
}

void ChildProcesses::end_all() {
  for (const auto& [pid, job] : running_) ::kill(-pid, SIGKILL);
  for (const auto& [pid, job] : running_) {
    int status = 0;
    collected(pid, status, 0);
  }
  running_.clear();
}

}  // namespace blondel
