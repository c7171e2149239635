"""Draws the example of each of our learning-rate schedules beside this file: `python docs/pictures/schedules.py`."""

from pathlib import Path

import matplotlib as mpl

import kerasplus
from kerasplus.schedules import plot_by_name

mpl.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "kerasplus", "font.size": 8, "figure.dpi": 72})

folder = Path(__file__).parent / "schedules"
folder.mkdir(exist_ok=True)
for component in kerasplus.names("schedule"):
    if component.package == "kerasplus":
        file = folder / f"{component.name}.svg"
        plot_by_name(component.name, file)
        lines = file.read_text(encoding="utf-8").splitlines()
        file.write_text("\n".join(line.rstrip() for line in lines if "<dc:date>" not in line) + "\n", encoding="utf-8")
        print(file)
