// A row of bars, one a second. What they show is said in words beside them.

const WIDTH = 4;
const GAP = 1.5;
const HEIGHT = 36;
const SVG = "http://www.w3.org/2000/svg";

/** A function that draws its numbers into the svg; the highest fills it. */
export function bars(svg) {
  let drawn = [];
  svg.setAttribute("preserveAspectRatio", "none");

  return (numbers) => {
    if (drawn.length !== numbers.length) drawn = prepared(svg, numbers.length);
    const most = Math.max(...numbers, 1);
    numbers.forEach((number, index) => {
      const height = number ? Math.max(2, (HEIGHT * number) / most) : 1;
      drawn[index].setAttribute("y", HEIGHT - height);
      drawn[index].setAttribute("height", height);
      drawn[index].setAttribute("class", number ? "some" : "none");
    });
  };
}

function prepared(svg, count) {
  svg.setAttribute("viewBox", `0 0 ${count * WIDTH - GAP} ${HEIGHT}`);
  const made = Array.from({ length: count }, (_, index) => {
    const bar = document.createElementNS(SVG, "rect");
    bar.setAttribute("x", index * WIDTH);
    bar.setAttribute("width", WIDTH - GAP);
    return bar;
  });
  svg.replaceChildren(...made);
  return made;
}
