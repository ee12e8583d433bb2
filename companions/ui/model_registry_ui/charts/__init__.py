"""Charts: pure functions from numbers to SVG. Colours come from classes (`static/charts.css`), so both themes look right."""
