#include <CLI/CLI.hpp>

#include <algorithm>
#include <csignal>
#include <cstdio>

#include "references/error.hpp"
#include "rig/commands.hpp"
#include "rig/executive.hpp"
#include "rig/seed_range.hpp"

namespace {

constexpr const char* exit_codes = R"(
Exit codes:
  0  all meters pass             4  usage, or a plan or bench that is malformed
  1  a meter fails               5  aborted
  2  inconclusive                6  refused: envelope, interlock, capability
  3  the bench or the rig is at fault
)";

/// What was printed may still be on its way; a reader that is gone or a full disk shows only here.
int after_printing(int code) {
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return code;
  std::fprintf(stderr, "blondel: the output could not be written\n");
  return code == 0 ? 3 : code;
}

int commands(int argc, char** argv) {
  // A reader of our output that goes away, or a file that may grow no further, must not take the rig down with the
  // source live: both are told where they happen.
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
  CLI::App app{"Blondel: a test rig for electricity meters"};
  app.footer(exit_codes);
  app.require_subcommand(1);
  app.set_version_flag("--version", std::string{"blondel "} + BLONDEL_VERSION);
  int code = 0;

  // The library reads "-1" into an unsigned number without a word.
  const CLI::Validator whole{[](std::string& text) -> std::string {
                               const bool digits = !text.empty() && text.size() <= 18 &&
                                                   text.find_first_not_of("0123456789") == std::string::npos;
                               return digits ? std::string{}
                                             : "expected a whole number of at most 18 digits, found '" + text + "'";
                             },
                             "NUMBER"};

  blondel::RunRequest request;
  bool quiet = false, json = false, plain = false;
  std::string serials;
  auto* run = app.add_subcommand("run", "Run a plan on a bench and leave a record");
  run->add_option("plan", request.plan, "what is tested: a plan file")->required();
  run->add_option("--bench", request.bench, "with what: a bench file")->required();
  run->add_option("--out", request.out, "folder for the record; must not exist yet (default: a fresh one under runs/)");
  // One text, taken as it stands: read as a list, the library would take brackets for its own.
  run->add_option("--serial", serials, "serial numbers as scanned, by position, separated by commas");
  run->add_option("--positions", request.positions, "positions to judge (default: all)")->delimiter(',');
  const char* builds =
      "firmware build for the simulated meters, a shared object or a program: BUILD for all, POSITION=BUILD for some "
      "(2=..., 1-3=...); may be repeated";
  run->add_option_function<std::string>(
         "--firmware", [&request](const std::string& build) { request.firmware.push_back(build); }, builds)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->trigger_on_parse();
  run->add_option("--seed", request.seed, "seed of a simulated bench")->capture_default_str()->check(whole);
  run->add_flag("--plain", plain, "plain progress lines, also on a terminal");
  run->add_flag("--quiet", quiet, "no progress");
  run->add_flag("--json", json, "progress and result as JSON lines");
  run->callback([&] {
    using blondel::ProgressKind;
    if (run->count("--serial") > 0) request.serials = blondel::split_serials(serials);
    request.progress = json    ? ProgressKind::json
                       : quiet ? ProgressKind::quiet
                       : plain ? ProgressKind::plain
                               : ProgressKind::automatic;
    code = blondel::run_command(request);
  });

  std::string plan, bench, what, folder, links;
  std::vector<std::string> firmware;
  std::uint64_t seed = 1;
  auto* lint =
      app.add_subcommand("lint", "Check a plan against a bench and predict the time, without touching anything");
  lint->add_option("plan", plan, "a plan file")->required();
  lint->add_option("--bench", bench, "a bench file")->required();
  lint->add_flag("--json", json, "as JSON");
  lint->callback([&] { code = blondel::lint_command(plan, bench, json); });

  auto* list = app.add_subcommand("list", "List what there is: steps, drivers, standards or faults");
  list->add_option("what", what, "steps, drivers, standards or faults")->required();
  list->add_flag("--json", json, "as JSON");
  list->callback([&] { code = blondel::list_command(what, json); });

  blondel::ShowRequest shown;
  auto* show = app.add_subcommand(
      "show", "Show a standard: limits, start, no-load, influences, reference conditions, and what is not covered");
  show->add_option("standard", shown.name, "such as 'IEC 62053-22', 'IEC 62053-22 class 0.5S' or 'Series 4000-K'")
      ->required();
  show->add_option("--edition", shown.edition, "such as 2020 (default: the one that judges plans without an edition)");
  show->add_option("--class", shown.class_name, "only this class");
  show->add_flag("--json", shown.json, "as JSON, every figure with its source");
  show->callback([&] { code = blondel::show_command(shown); });

  auto* sim =
      app.add_subcommand("sim", "Serve a simulated bench in wall time, for any outside program, until interrupted");
  sim->add_option("bench", bench, "a bench file with a simulation section")->required();
  sim->add_option("--seed", seed, "seed of the simulated bench")->capture_default_str()->check(whole);
  sim->add_option_function<std::string>(
         "--firmware", [&firmware](const std::string& build) { firmware.push_back(build); }, builds)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->trigger_on_parse();
  sim->add_option("--links", links, "folder in which to link the pseudo-terminals under the names of the ports");
  sim->callback([&] { code = blondel::sim_command(bench, seed, firmware, links); });

  blondel::ModelRequest asked;
  std::string svg;
  auto* model =
      app.add_subcommand("model", "Meter a spectrum (.yaml) or a recording (.csv, .h5) as a perfect meter would");
  model->add_option("file", asked.file, "a spectrum or a recording; docs/model-files.md has the formats")->required();
  model->add_flag("--json", json, "as JSON");
  model->add_option("--connection", asked.connection,
                    "how a recording is wired: a name such as wye, or a system number");
  model->add_option("--rate", asked.rate, "samples a second of a recording that does not say it");
  model->add_option("--group", asked.group, "group of an HDF5 file, such as waveforms/NAME");
  model->add_option("--reactive", asked.reactive,
                    "what chosen_reactive_power and the reactive energies are: fundamental (default), budeanu, "
                    "quarter_period, fixed_delay, integrator, differentiator or fryze");
  model->add_option("--nominal", asked.nominal, "nominal frequency in Hz, for fixed_delay");
  model->add_option("--frequency-channel", asked.frequency_channel,
                    "channel that tells a recording's frequency (default: the strongest voltage)");
  model->add_option("--svg", svg, "draw waveforms and phasors into this file")->check([](const std::string& file) {
    return std::string{file.empty() ? "expected the name of a file" : ""};
  });
  model->callback([&] { code = blondel::model_command(asked, json, svg); });

  blondel::QualifyRequest proof;
  std::string seeds = "1", sorts;
  auto* qualify = app.add_subcommand(
      "qualify", "Run a plan against the good meter, every permitted reading of the data sheet and every known fault");
  qualify->add_option("plan", proof.plan, "a plan file")->required();
  qualify->add_option("--bench", proof.bench, "a bench file with a simulation section")->required();
  qualify->add_option("--out", proof.out,
                      "folder for results and report; what it has is not run again (default: qualify)");
  qualify->add_option("--seeds", seeds, "a seed, or a range such as 1-20")->capture_default_str();
  qualify
      ->add_option(
          "--sorts", sorts,
          "good, variants, twins or faults, separated by commas (default: all; the good meter is judged always)")
      ->check(CLI::Validator{[](std::string& text) -> std::string {
                               for (const auto& word : blondel::split_serials(text))
                                 if (word != "good" && word != "variants" && word != "twins" && word != "faults")
                                   return "expected good, variants, twins or faults, found '" + word + "'";
                               return {};
                             },
                             "SORTS"});
  qualify->add_option("--only", proof.only, "a fault or variant by name (may stand more than once)")
      ->take_all()
      ->allow_extra_args(false);
  qualify->add_option("--position", proof.position, "whose meter is exchanged and judged")->capture_default_str();
  qualify->add_option("--processes", proof.processes, "how many runs at a time (default: one a core)")
      ->check(CLI::Range(1, 1024));
  qualify->add_flag("--quiet", quiet, "no line for each run");
  proof.processes = 0;
  qualify->callback([&] {
    proof.seeds = blondel::split_seeds(seeds);
    if (qualify->count("--sorts") > 0) {
      const auto words = blondel::split_serials(sorts);
      const auto named = [&](const char* word) { return std::find(words.begin(), words.end(), word) != words.end(); };
      proof.variants = named("variants");
      proof.twins = named("twins");
      proof.faults = named("faults");
    }
    code = blondel::qualify_command(proof, quiet);
  });

  bool summary = false;
  auto* report = app.add_subcommand("report", "Check a record and make its report.html, junit.xml and run.h5 again");
  report->add_option("run", folder, "the folder of a run")->required();
  report->add_flag("--summary", summary, "only print the summary, write nothing");
  report->callback([&] { code = blondel::report_command(folder, summary); });

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    // CLI11 answers --help and --version with 0; every other word it does not understand is usage.
    return app.exit(error) == 0 ? 0 : 4;
  } catch (const blondel::Failure& failure) {
    std::fprintf(stderr, "blondel: %s\n", failure.what());
    return blondel::exit_code_of(failure.error.fault);
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "blondel: %s\n", failure.what());
    return 3;
  }
  return code;
}

}  // namespace

int main(int argc, char** argv) {
  return after_printing(commands(argc, argv));
}
