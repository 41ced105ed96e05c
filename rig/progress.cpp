#include "rig/progress.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

namespace blondel {

namespace {

std::string minutes(Duration d) {
  const auto s = static_cast<long>(in_seconds(d) + 0.5);
  return fmt::format("{}:{:02}", s / 60, s % 60);
}

class Quiet final : public Progress {
 public:
  void begins(const std::string&, Duration) override {}
  void step(int, int, const std::string&) override {}
  void now_doing(const std::string&) override {}
  void toward(Time) override {}
  void line(const std::string&) override {}
  void ends() override {}
};

class Plain final : public Progress {
 public:
  void begins(const std::string& title, Duration predicted) override {
    put(fmt::format("{}, predicted {} of bench time", title, minutes(predicted)));
  }
  void step(int number, int of, const std::string& name) override {
    put(fmt::format("step {}/{}: {}", number, of, name));
  }
  void now_doing(const std::string& what) override { put("  " + what); }
  void toward(Time) override {}
  void line(const std::string& text) override { put(text); }
  void ends() override { std::fflush(stdout); }

 private:
  static void put(const std::string& text) {
    std::puts(text.c_str());
    std::fflush(stdout);
  }
};

class Bar final : public Progress {
 public:
  void begins(const std::string& title, Duration predicted) override {
    std::puts(title.c_str());
    predicted_ = predicted;
  }
  void step(int number, int of, const std::string& name) override {
    step_ = fmt::format("{}/{} {}", number, of, name);
    doing_.clear();
    draw();
  }
  void now_doing(const std::string& what) override {
    doing_ = what;
    draw();
  }
  void toward(Time instant) override {
    now_ = instant;
    draw();
  }
  void line(const std::string& text) override {
    wipe();
    std::puts(text.c_str());
    draw();
  }
  void ends() override {
    wipe();
    std::fflush(stdout);
  }

 private:
  static constexpr int width = 24;
  static void wipe() { std::fputs("\r\x1b[2K", stdout); }
  void draw() {
    const double total = std::max(in_seconds(predicted_), 1.0);
    const double share = std::clamp(in_seconds(now_) / total, 0.0, 1.0);
    const int full = static_cast<int>(share * width);
    std::string bar;
    for (int i = 0; i < width; ++i) bar += i < full ? "█" : "░";
    auto text = fmt::format("{} {:3.0f} %  {} of {}  {}  {}", bar, share * 100, minutes(now_.time_since_epoch()),
                            minutes(predicted_), step_, doing_);
    wipe();
    std::fputs(text.c_str(), stdout);
    std::fflush(stdout);
  }

  Duration predicted_{};
  Time now_{};
  std::string step_, doing_;
};

class JsonLines final : public Progress {
 public:
  void begins(const std::string& title, Duration predicted) override {
    put({{"event", "begins"}, {"title", title}, {"predicted_s", in_seconds(predicted)}});
  }
  void step(int number, int of, const std::string& name) override {
    put({{"event", "step"}, {"number", number}, {"of", of}, {"name", name}});
  }
  void now_doing(const std::string& what) override { put({{"event", "doing"}, {"what", what}}); }
  void toward(Time instant) override { put({{"event", "toward"}, {"t_s", in_seconds(instant)}}); }
  void line(const std::string& text) override { put({{"event", "line"}, {"text", text}}); }
  void ends() override { std::fflush(stdout); }

 private:
  static void put(const nlohmann::ordered_json& event) {
    std::puts(event.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace).c_str());
    std::fflush(stdout);
  }
};

}  // namespace

std::unique_ptr<Progress> make_progress(ProgressKind kind) {
  switch (kind) {
    case ProgressKind::quiet: return std::make_unique<Quiet>();
    case ProgressKind::json: return std::make_unique<JsonLines>();
    case ProgressKind::plain: return std::make_unique<Plain>();
    case ProgressKind::automatic: break;
  }
  if (isatty(STDOUT_FILENO)) return std::make_unique<Bar>();
  return std::make_unique<Plain>();
}

}  // namespace blondel
