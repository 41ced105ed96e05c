"""Compares a run's run.h5, read with h5py, with its journal.jsonl, read with json:

    run_hdf5_check.py FOLDER             of a run
    run_hdf5_check.py --sample PROGRAM   of the sample runs that reports_sample writes

Two programs that nobody here wrote, h5py and h5dump, must be able to read the file, and every number, text and hash in
it must be the one in the journal. Ends with 1 and the first difference.
"""

import json
import math
import subprocess
import sys
import tempfile
from pathlib import Path

import h5py


def expect(found, wanted, what):
    same = found == wanted or (isinstance(wanted, float) and math.isnan(wanted) and math.isnan(found))
    if not same:
        sys.exit(f"{what}: expected {wanted!r}, found {found!r}")


def texts(data_set):
    return list(data_set.asstr()[:])


def number(value):
    return math.nan if value is None else float(value)


def check_columns(group, records, of_record):
    """Every column of a table against what the journal's records say, row by row."""
    for name, data_set in group.items():
        text = h5py.check_string_dtype(data_set.dtype) is not None
        column = texts(data_set) if text else list(data_set[:])
        expect(len(column), len(records), f"rows of {data_set.name}")
        for row, record in enumerate(records):
            expect(column[row], of_record(name, record, text), f"{data_set.name}[{row}]")


# Columns whose field has another name in the journal, or stands within an object there.
WITHIN = {
    "guard_accept": ("guard", "accept"),
    "guard_reject": ("guard", "reject"),
    "pfa": ("risk", "pfa"),
    "pfr": ("risk", "pfr"),
    "tur": ("risk", "tur"),
    "measuring_s": ("measuring", "seconds"),
    "looks": ("measuring", "looks"),
    "most_looks": ("measuring", "most_looks"),
    "stopped": ("measuring", "stopped"),
}


def measurement_field(name, record, text):
    if name in WITHIN:
        outer, inner = WITHIN[name]
        value = record.get(outer, {}).get(inner)
        if text or name in ("looks", "most_looks"):
            return value or ("" if text else 0)
        return number(value)
    if name == "record":
        return record["n"]
    if name == "bench_time_s":
        return record["t"] / 1e9
    if text:
        return record.get(name) or {"load": "balanced"}.get(name, "")
    if name in ("step", "position"):
        return record.get(name, 0)
    return number(record.get(name))


def check_budgets(group, measurements):
    rows = [(at, line) for at, record in enumerate(measurements) for line in record.get("budget", [])]
    expect(list(group["measurement"][:]), [at for at, _ in rows], "/budgets/measurement")
    expect(texts(group["source"]), [line["source"] for _, line in rows], "/budgets/source")
    expect(
        list(group["standard_uncertainty"][:]),
        [line["standard_uncertainty"] for _, line in rows],
        "/budgets/standard_uncertainty",
    )
    for name in ("evaluation", "distribution", "unit", "group"):
        expect(texts(group[name]), [line.get(name, "") for _, line in rows], f"/budgets/{name}")
    for name in ("degrees_of_freedom", "value", "sensitivity"):
        for row, (_, line) in enumerate(rows):
            expect(float(group[name][row]), number(line.get(name)), f"/budgets/{name}[{row}]")


def check_classes(h5, kinds):
    certificates = [one for record in kinds.get("traceability", []) for one in record["certificates"]]
    for name in ("number", "instrument", "serial", "quantity", "laboratory", "date", "due"):
        expect(texts(h5["certificates"][name]), [c.get(name, "") for c in certificates], f"/certificates/{name}")
    expect([bool(o) for o in h5["certificates/overdue"][:]], [c["overdue"] for c in certificates], "/certificates/overdue")
    for row, one in enumerate(certificates):
        expect(float(h5["certificates/coverage_factor"][row]), number(one.get("coverage_factor")), "/certificates")
    # Several steps may measure against one class; then their points are added.
    points = {}
    for record in kinds.get("class_coverage", []):
        for row in record["requirements"]:
            key = (record["standard"], record.get("edition", ""), row["requirement"])
            points[key] = points.get(key, 0) + row["points"]
    group = h5["class_requirements"]
    found = zip(texts(group["standard"]), texts(group["edition"]), texts(group["requirement"]))
    expect(dict(zip(found, map(int, group["points"][:]))), points, "/class_requirements")


def flat(value, way=(), place=None):
    """The values in a record: what they are called, where they stand in the innermost list (-1: in none), what they are."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from flat(inner, (*way, name.replace("~", "~0").replace("/", "~1")), place)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from flat(inner, (*way, str(index)), len(way))
    elif place is None:
        yield "/".join(way), -1, value
    else:
        yield "/".join(way[:place] + way[place + 1 :]), int(way[place]), value


def check_values(group, records, key):
    rows = [(record, *found) for record in records for found in flat(record[key])]
    expect(list(group["record"][:]), [record["n"] for record, *_ in rows], f"{group.name}/record")
    expect(list(group["step"][:]), [record.get("step", 0) for record, *_ in rows], f"{group.name}/step")
    expect(texts(group["quantity"]), [quantity for _, quantity, _, _ in rows], f"{group.name}/quantity")
    expect(list(group["index"][:]), [index for _, _, index, _ in rows], f"{group.name}/index")
    for row, (_, quantity, _, value) in enumerate(rows):
        is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
        text = "" if is_number or value is None else value if isinstance(value, str) else json.dumps(value)
        expect(float(group["value"][row]), float(value) if is_number else math.nan, f"{group.name}: {quantity}")
        expect(group["text"].asstr()[row], text, f"{group.name}: text of {quantity}")


def check(folder):
    lines = [json.loads(line) for line in (folder / "journal.jsonl").read_text("utf-8").splitlines()]
    kinds = {}
    for record in lines:
        kinds.setdefault(record["kind"], []).append(record)
    run = kinds["run"][0]
    with h5py.File(folder / "run.h5", "r") as h5:
        expect(h5.attrs["format"], "blondel run", "format")
        expect(h5.attrs["journal_records"], len(lines), "journal_records")
        expect(h5.attrs["journal_last_hash"], lines[-1]["hash"], "journal_last_hash")
        expect(bool(h5.attrs["complete"]), lines[-1]["kind"] == "closed", "complete")
        expect(h5.attrs["seed"], str(run["seed"]), "seed")
        for name in ("plan", "bench"):
            expect(h5[name].attrs["sha256"], run[name]["sha256"], f"/{name}@sha256")
        if "run_end" in kinds and lines[-1]["kind"] == "closed":
            end = kinds["run_end"][0]
            for name in ("verdict", "why", "exit_code"):
                expect(h5.attrs[name], end[name], name)
            verdicts = dict(zip(h5["positions/position"][:], texts(h5["positions/verdict"])))
            for one in end["positions"]:
                expect(verdicts[one["position"]], one["verdict"], f"verdict of position {one['position']}")
        measurements = kinds.get("measurement", [])
        check_columns(h5["measurements"], measurements, measurement_field)
        check_budgets(h5["budgets"], measurements)
        check_classes(h5, kinds)
        check_values(h5["readings"], kinds.get("reading", []), "values")
        check_values(h5["applied"], kinds.get("applied", []), "load")
        check_values(h5["fingerprints"], kinds.get("fingerprint", []), "values")
        expect(texts(h5["instruments/role"]), [r["role"] for r in kinds.get("instrument", [])], "/instruments/role")
        expect(texts(h5["steps/name"]), [r["name"] for r in kinds.get("step_begin", [])], "/steps/name")
        expect(texts(h5["changes/point"]), [r["point"] for r in kinds.get("change", [])], "/changes/point")
        expect(list(h5["changes/record"][:]), [r["n"] for r in kinds.get("change", [])], "/changes/record")
        expect(texts(h5["events/text"]), [r["text"] for r in kinds.get("event", [])], "/events/text")
        expect(list(h5["safe/off"][:]), [r["off"] for r in kinds.get("safe", [])], "/safe/off")
        return len(measurements), len(h5["readings/value"])


def report(folder):
    measurements, readings = check(folder)
    subprocess.run(["h5dump", "-H", folder / "run.h5"], check=True, stdout=subprocess.DEVNULL)
    print(f"{folder / 'run.h5'}: {measurements} measurements and {readings} readings are those of the journal")


def main():
    if sys.argv[1] != "--sample":
        return report(Path(sys.argv[1]))
    for word in ("write", "write-classes"):
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch, "run")
            subprocess.run([sys.argv[2], word, folder], check=True)
            subprocess.run([sys.argv[2], "render", folder], check=True, stdout=subprocess.DEVNULL)
            report(folder)


if __name__ == "__main__":
    main()
