// A bar chart: metrics with a bar per second, and waves of audio. A text or a player beside it says the same.

const WIDTH = 4;
const GAP = 1.5;
const HEIGHT = 36;
const SVG = "http://www.w3.org/2000/svg";

/** Return a function that draws numbers into the svg; the highest bar has the full height if it is above `floor`. */
export function barChart(svg, floor = 1) {
  let bars = [];
  svg.removeAttribute("hidden");
  svg.setAttribute("preserveAspectRatio", "none");

  return (numbers) => {
    if (bars.length !== numbers.length) bars = createBars(svg, numbers.length);
    const highest = Math.max(...numbers, floor);
    numbers.forEach((number, index) => {
      const height = number ? Math.max(2, (HEIGHT * number) / highest) : 1;
      bars[index].setAttribute("y", HEIGHT - height);
      bars[index].setAttribute("height", height);
      bars[index].setAttribute("class", number ? "some" : "none");
    });
  };
}

function createBars(svg, count) {
  svg.setAttribute("viewBox", `0 0 ${count * WIDTH - GAP} ${HEIGHT}`);
  const bars = Array.from({ length: count }, (_, index) => {
    const bar = document.createElementNS(SVG, "rect");
    bar.setAttribute("x", index * WIDTH);
    bar.setAttribute("width", WIDTH - GAP);
    return bar;
  });
  svg.replaceChildren(...bars);
  return bars;
}
