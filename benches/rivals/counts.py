"""What a folder of data files says, in one line of JSON: counts by finding, cases with their fen, standings, subsidies, coverage.

`counts.py FOLDER`: canbao's data folder or a rival's, parquet or csv.
"""

import csv
import json
import sys
from pathlib import Path

import duckdb

SAID = {
    "findings": "SELECT code, count(*) FROM {} GROUP BY ALL ORDER BY ALL",
    "amounts": "SELECT code, coalesce(sum(amount_fen), 0)::BIGINT FROM {findings} GROUP BY ALL ORDER BY ALL",
    "cases": "SELECT reason, eligible, count(*), count(DISTINCT \"case\"), sum(refund_fen)::BIGINT FROM {} GROUP BY ALL ORDER BY ALL",
    "standings": "SELECT standing, count(*), count(DISTINCT coalesce(id, '')) FROM {} GROUP BY ALL ORDER BY ALL",
    "subsidy": """SELECT verdict, count(*), sum(payable_fen)::BIGINT, sum(paid_fen)::BIGINT, sum(subsidised_fen)::BIGINT FROM {}
                  GROUP BY ALL ORDER BY ALL""",
    "repairs": "SELECT field, rule, count(*) FROM {} GROUP BY ALL ORDER BY ALL",
}


def table(folder, name):
    parquet, text = folder / f"{name}.parquet", folder / f"{name}.csv"
    types = "" if name == "repairs" else ", types = {'id': 'VARCHAR'}"
    return f"'{parquet}'" if parquet.exists() else f"read_csv('{text}'{types})"


def main():
    folder = Path(sys.argv[1])
    found = {}
    for what, query in SAID.items():
        name = "findings" if what == "amounts" else what
        rows = duckdb.sql(query.replace("{findings}", table(folder, name)).replace("{}", table(folder, name))).fetchall()
        found[what] = {"|".join(map(str, row[: 2 if what in ("cases", "repairs") else 1])): list(row[2 if what in ("cases", "repairs") else 1 :]) for row in rows}
    for name in ("coverage", "bridge", "funding"):
        with open(folder / f"{name}.csv", encoding="utf-8-sig", newline="") as file:
            rows = list(csv.reader(file))
        keys = {"coverage": slice(0, 4), "bridge": slice(0, 2), "funding": slice(0, 3)}[name]
        found[name] = {"|".join(row[keys]): row[keys.stop :] for row in rows}
    print(json.dumps(found, ensure_ascii=False))


if __name__ == "__main__":
    main()
