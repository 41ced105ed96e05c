"""A simulated bench whose meters err by what is known, and runs on it: for accuracy-coverage and accuracy-adaptive.

The errors of the reference and of the CT substitutes are drawn afresh at every load from the normal distributions that
the bench file's simulation section states; the budget reads the certificates and knows nothing of the draws.
"""
import concurrent.futures
import json
import os
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = ROOT / "build/release/blondel"

PLAN = """plan: accuracy
meter: series-4000-k
on_fail: go on
leave_meter: as found
decision_rule: guarded
steps:
  - identify: {{min_firmware: 1019}}
  - configure:
      system_voltage: 480 V
      ct_primary: 100 A
      check: {{voltage: 120 V, current: 1 A, frequency: 60 Hz}}
  - accuracy:
      standard: {standard}
      system_voltage: 480 V
      frequency: 60 Hz
      method: {method}
{time}
      points:
{points}
"""


def make_bench(folder, meters):
    """Writes bench.yaml and the certificates of the shipped bench, without drift: the simulation does not draw it.

    meters: the simulation's line of the meters, e.g. "common_gain: {mean: 0.2 %, bound: 0 ppm}".
    """
    (folder / "certificates").mkdir(parents=True)
    for path in (ROOT / "testplans/benches/certificates").glob("*.yaml"):
        lines = [
            line.split(":")[0] + ": 0 " + line.split()[-1] if line.startswith("drift_per_year") else line
            for line in path.read_text().splitlines()
        ]
        (folder / "certificates" / path.name).write_text("\n".join(lines) + "\n")
    head = (ROOT / "testplans/benches/simulated.yaml").read_text().split("environment:", 1)[0]
    (folder / "bench.yaml").write_text(head + f"""environment: {{temperature: 23 degC, within: 2 K}}

simulation:
  date: 2026-11-20
  source: {{gain: 100 ppm, phase: 100 urad, flutter: 20 ppm}}
  reference:
    {{gain: 0 ppm, phase: 0 urad, noise: 5 ppm, drawn: at every load,
     common_gain: {{sigma: 30 ppm}}, common_phase: {{sigma: 30 urad}}}}
  ct_substitutes:
    {{ratio: 0 ppm, phase: 0 urad, drawn: at every load, common_ratio: {{sigma: 40 ppm}}, common_phase: {{sigma: 40 urad}}}}
  meters: {{{meters}, noise_counts: 0, variants: {{one_third_volt: 0.333}}}}
""")


def run(folder, seed, **plan):
    """One run; the records of its percentage errors, and the bench time in s of the accuracy step."""
    folder = pathlib.Path(folder)
    name = f"{seed}-{abs(hash(str(sorted(plan.items()))))}"
    plan_file = folder / f"plan-{name}.yaml"
    plan_file.write_text(PLAN.format(**plan))
    out = folder / f"run-{name}"
    command = [PROGRAM, "run", plan_file, "--bench", folder / "bench.yaml", "--positions", "1", "--seed", str(seed),
               "--quiet", "--out", out]
    done = subprocess.run([str(c) for c in command], cwd=ROOT, capture_output=True, text=True)
    if done.returncode not in (0, 1, 2):
        raise SystemExit(f"exit {done.returncode}: {done.stdout[-800:]}{done.stderr[-800:]}")
    errors, began, took = [], 0, 0
    for line in (out / "journal.jsonl").read_text().splitlines():
        record = json.loads(line)
        if record["kind"] == "step_begin":
            began = record["t"]
        if record["kind"] == "step_end":
            took = (record["t"] - began) * 1e-9  # the last one is the accuracy step
        if record["kind"] == "measurement" and record["name"] == "percentage_error":
            errors.append(record)
    for path in out.iterdir():
        path.unlink() if path.is_file() else None
    plan_file.unlink()
    return errors, took


def in_parallel(jobs):
    """Calls of run(), each a dict of its arguments, as many at a time as there are cores; their results in order."""
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        yield from pool.map(lambda job: run(**job), jobs)
