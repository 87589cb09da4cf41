"""The picture of a pGraph as SVG: definition -> drawing -> layers -> places -> text."""
