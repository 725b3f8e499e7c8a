"""The books of a small company: adds up one month of its ledger, or with `year` all of it.

usage: books.py MONTH|year; reads ledger.csv, writes total-….json (in fen, so that nothing is rounded)
"""
import csv
import json
import sys


def main():
    wanted = sys.argv[1]
    revenue = tax = rows = 0
    with open("ledger.csv", newline="") as file:
        for row in csv.DictReader(file):
            if wanted in ("year", row["month"]):
                revenue += int(row["fen"])
                tax += int(row["fen"]) * int(row["tax_percent"]) // 100
                rows += 1
    with open(f"total-{wanted}.json", "w") as out:
        json.dump({"period": wanted, "rows": rows, "revenue_fen": revenue, "tax_fen": tax}, out)
    print(f"{wanted}: {rows} rows, {revenue / 100:.2f} yuan, tax {tax / 100:.2f}")


if __name__ == "__main__":
    main()
